"""What a front end or a file may bring: wrong types, huge numbers, unknown kinds, strange texts."""
import ast
import json
import pathlib
import sys
import tracemalloc

import numpy as np
import pytest

import minichain as mc

pytest.importorskip('anywidget', reason='minichain[lab] is not installed')
sys.path.insert(0, str(pathlib.Path(__file__).with_name('browser')))

import minichain_widgets                                        # noqa: E402
import test_accessibility                                       # noqa: E402
from minichain_widgets import NetBuilder                        # noqa: E402
from minichain_widgets.builder.blocks import BuildError         # noqa: E402
from minichain_widgets.builder.view import palette             # noqa: E402
from minichain_widgets.builder.widget import as_data            # noqa: E402
from minichain_widgets.control import Control                   # noqa: E402
from minichain_widgets.messages import WORDS, fits, problem_of  # noqa: E402
from minichain_widgets.stream import TAKES, Outlet, Stream      # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[1]
WIDGETS = [name for name in test_accessibility.WIDGETS if name != 'LiveGraph']
NEVER = [{}, [[]], {'t': 'ready'}, ['__class__'], float('nan'), float('inf'), -10**400, 10**400,
         'x' * 30_000_000]
HTML = '<img src=x onerror=alert(1)>'
BIDI = 'safe\u202egnp.exe\u2066\u0000'


def make(name):
    names = {}
    exec(test_accessibility.BEGIN, names)
    *before, last = test_accessibility.WIDGETS[name].splitlines()
    exec('\n'.join(before), names)
    return eval(last, names)


# Messages to a kernel -----------------------------------------------------------------------------

@pytest.mark.parametrize('name', WIDGETS)
def test_a_message_that_does_not_fit_is_refused_and_changes_nothing(name, monkeypatch):
    widget = make(name)
    sent = []
    monkeypatch.setattr(type(widget), 'send',
                        lambda self, message, buffers=None: sent.append(message))
    before = widget.text()
    messages = [None, 3, [], 'train', {}, {'t': None}, {'t': ['train']}, {'t': '__init__'},
                {'t': 'x' * 10**6}, {'t': 'ready', 'more': 1}]
    for kind, fields in widget.takes.items():
        messages.append({'t': kind, '__class__': 'int'})
        for field in fields:
            rest = {other: 1 for other in fields if other != field}
            messages += [{'t': kind, **rest, field: value} for value in NEVER]
    for message in messages:
        sent.clear()
        widget._handle_custom_msg(message, [])
        assert [answer['t'] for answer in sent] == ['problem'], str(message)[:200]
        assert 'refused what came from the page' in sent[0]['text'] and len(sent[0]['text']) < 300
        assert widget.text() == before
    widget.close()


@pytest.mark.parametrize('kind', sorted(WORDS))
def test_no_kind_of_value_is_an_object_or_endless(kind):
    assert not any(fits(kind, value) for value in NEVER)


def test_every_answer_of_a_widget_has_a_schema():
    for name in WIDGETS:
        kind = type(make(name))
        answers = {method.removeprefix('answer_') for method in dir(kind)
                   if method.startswith('answer_')} - {'ready', 'still'}
        assert answers <= set(kind.takes), name


def test_the_live_graph_refuses_what_it_does_not_know():
    stream, sent = Stream(), []
    outlet = Outlet(sent.append)
    for message in [None, 3, [], {'t': 'ask', 'id': '1', 'what': 'values'}, {'t': 'eval'},
                    {'t': 'pause', 'on': 'yes'}, {'t': 'ask', 'id': 10**400, 'what': 'values'}]:
        stream.handle(message, outlet)
    assert sent == [] and not outlet.paused
    for message in [{'t': 'move', 'model': ['net'], 'device': 'cpu'}, {'t': 'pick', 'what': {}},
                    {'t': 'set', 'switch': [], 'on': True}]:
        assert problem_of(message, {**TAKES, **Control.TAKES})


# Files and texts that a student was given ---------------------------------------------------------

@pytest.mark.parametrize('text', [
    '', '\n\n', 'a,b,c', 'a,b\n1', 'a,b\n1,x\n2,y,z', 'a;b;c\n1;2;x\n3;4;y', '\0\0\0', 'a,b\n\0,x',
    'a,b\n=1+1,x\n=cmd|x!A1,y', 'a,b\nnan,x\ninf,y', 'a,b\n1e999,x\n2,y', '\ufeffa,b\n1,x\n2,y',
    '"' * 1001, f'{HTML},{BIDI}\n1,{HTML}\n2,{BIDI}', 'a,' * 20_000 + 'b\n' + '1,' * 20_000 + 'x',
    'a,b\n' + '1,x\n' * 2_600_000])
def test_a_csv_text_gives_data_or_a_sentence(text):
    builder = NetBuilder('spirals')
    before = builder.text()
    sent = []
    builder.send = lambda message, buffers=None: sent.append(message)
    builder._handle_custom_msg({'t': 'table', 'text': text}, [])
    assert len(sent) == 1 and sent[0]['t'] in ('state', 'problem')
    if sent[0]['t'] == 'problem':
        words = sent[0]['text']
        assert words and len(words) < 600 and 'Error' not in words.split()[0]
        assert builder.text() == before


TABLE = 'größe,art\n' + ''.join(f'{i},=cmd|x!A{i % 2}\n' for i in range(8))


@pytest.mark.parametrize('content, refused', [
    (TABLE.encode('utf-8'), None), (TABLE.encode('utf-8-sig'), None),
    (TABLE.replace('\n', '\r\n').encode(), None), (TABLE.replace('\n', '\r').encode(), None),
    (TABLE.encode('utf-16'), 'is no text in UTF-8'), (TABLE.encode('latin-1'), '"CSV UTF-8"'),
    (TABLE.encode('utf-16-le'), 'is no text in UTF-8'),
    (b'a,b\n\0,x\n' * 4, 'This is no CSV|Row'), (b'', 'empty'),
    (b'1' * 50_000_000, 'too long: 5,000,000 characters'), (b'\xff' * 100, 'UTF-8')])
def test_a_csv_file_in_any_encoding_gives_data_or_a_sentence(tmp_path, content, refused):
    path = tmp_path / 'table.csv'
    path.write_bytes(content)
    tracemalloc.start()
    try:
        if refused is None:
            data = as_data(str(path))
            assert data.classes == ('=cmd|x!A0', '=cmd|x!A1') and 'größe' in data.note
        else:
            with pytest.raises(BuildError, match=refused):
                as_data(str(path))
        assert tracemalloc.get_traced_memory()[1] < 30_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize('name', [HTML, BIDI, 'x' * 100_000, '"><svg onload=alert(1)>', '&lt;'])
def test_names_are_text_in_pictures(name):
    x = mc.Variable(np.ones(2, 'float32'), name=name)
    svg = mc.Graph.of(x * 2, title=name).to_svg()
    assert '<img' not in svg and '<svg onload' not in svg
    assert len(svg) < 60_000 + 10 * len(name)


@pytest.mark.parametrize('text', ['', '[', '[' * 100_000, 'NaN', '[]', '"x"', b'\xff', '1' * 5000])
def test_a_text_that_is_no_graph_is_refused(text):
    with pytest.raises(mc.GraphError, match='This is no (JSON|minichain graph)'):
        mc.Graph.from_json(text)


@pytest.mark.parametrize('code', [
    '__import__("os").system("true")', 'net = eval("1")', 'class Net(L.Chain):\n    pass\n' * 3000,
    '(' * 5000, 'net = L.Sequential(' + 'F.relu, ' * 100_000 + ')', '\0', HTML])
def test_code_of_the_builder_is_read_and_never_run(code):
    builder = NetBuilder('spirals')
    before = builder.text()
    with pytest.raises(BuildError) as refused:
        builder._draft.apply(code)
    assert len(str(refused.value)) < 1000 and builder.text() == before


def test_a_setting_is_a_number_or_one_of_its_choices():
    """What a text of the page could become in the code that the NetBuilder writes and runs."""
    evil = "relu'); __import__('os').abort() #"
    builder = NetBuilder('spirals')
    sent = []
    builder.send = lambda message, buffers=None: sent.append(message)
    tried = 0
    for kind in palette():
        builder._handle_custom_msg({'t': 'clear'}, [])
        builder._handle_custom_msg({'t': 'add', 'kind': kind['kind']}, [])
        block = sent[-1]['chosen']
        for setting in kind['settings']:
            builder._handle_custom_msg(
                {'t': 'set', 'id': block, 'name': setting['name'], 'value': evil}, [])
            assert sent[-1]['t'] in ('wrong', 'problem'), (kind['kind'], setting)
            tried += 1
        state = json.loads(builder.to_json())
        text = builder.to_json()
        for value in {json.dumps(value) for each in state['blocks']
                      for value in each.get('settings', {}).values()}:
            builder._handle_custom_msg(
                {'t': 'load', 'text': text.replace(f': {value}', f': {json.dumps(evil)}')}, [])
            assert sent[-1]['t'] == 'problem' and 'abort' not in builder.code
    assert tried > 20


# No text of a front end is run --------------------------------------------------------------------

# The built-ins that run a text, and where they are called, with the reason why that is safe.
RUNNERS = {'eval', 'exec', 'compile', '__import__'}
ALLOWED = {
    # The code that the NetBuilder has written itself, from numbers and names of its own tables.
    ('widgets/minichain_widgets/builder/writing.py', 'exec'),
    ('widgets/minichain_widgets/builder/writing.py', 'compile'),
    # Chainer's name of a function of that module: it runs no text.
    ('minichain/chainer/type_check.py', 'eval'),
}


def test_nothing_in_the_package_runs_a_text():
    found = set()
    for folder in 'minichain', 'widgets/minichain_widgets':
        for path in (ROOT / folder).rglob('*.py'):
            for node in ast.walk(ast.parse(path.read_text('utf-8'))):
                function = getattr(node, 'func', None)
                name = getattr(function, 'id', '')
                if name in RUNNERS or getattr(function, 'attr', '') in ('popen', 'run_cell'):
                    found.add((path.relative_to(ROOT).as_posix(), name))
    assert found == ALLOWED


# What a student gives by mistake ------------------------------------------------------------------

X, T = np.ones((6, 3), 'float32'), np.arange(6) % 2
NET = mc.Sequential(mc.links.Linear(3, 2))
MISTAKES = {
    'TrainingRun(None, (X, T))': 'model should be a Link, such as a Chain or a Sequential, but is',
    'TrainingRun(NET, (X, T), optimizer="Adam")': "such as Adam.lr=0.01., but is 'Adam'",
    'TrainingRun(NET, (X, T), optimizer=mc.optimizers.Adam)': 'such as Adam.lr=0.01., but is <',
    'TrainingRun(NET, (X, T), labels="ab")': "names of the classes, .* not 'ab'",
    'TrainingRun(NET, (X, ["a"] * 6))': 'array 1 of data holds <U1, no numbers',
    'DeviceSwitch(None)': 'model should be a Link',
    'DeviceSwitch(NET, "Adam")': "but is 'Adam'",
    'LiveGraph(X)': 'a Variable or several, or a Graph, but got ndarray',
    'LiveGraph(NET)': 'but got Sequential',
    'LiveGraph(5)': 'but got int',
    'Unroller(mc.links.LSTM(3, 2), X * np.nan)': 'An example has numbers that are NaN or infinite',
    'ConvExplorer(np.ones((9, 8, 3)))': 'give image.transpose.2, 0, 1.',
    'WasteMeter("so good")': "wants a list, .* but got 'so good'",
    'WasteMeter(None)': 'wants a list, .* but got None',
}


@pytest.mark.parametrize('code', MISTAKES)
def test_a_mistake_is_told_in_a_sentence(code):
    names = {name: getattr(minichain_widgets, name) for name in minichain_widgets.__all__}
    names.update(X=X, T=T, NET=NET, np=np, mc=mc)
    with pytest.raises((TypeError, ValueError), match=MISTAKES[code]) as told:
        eval(code, names)
    assert str(told.value).endswith('.')


def test_targets_may_be_a_list():
    run = minichain_widgets.TrainingRun(mc.Sequential(mc.links.Linear(3, 2)), (X, T.tolist()))
    run.blocking(1)
    assert len(run.history['accuracy']) == 1
