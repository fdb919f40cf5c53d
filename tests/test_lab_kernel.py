"""The kernel's side of JupyterLab's buttons and explanations, without a browser."""
import gzip
import os
import pathlib
import re
import sys
import threading
import traceback
import types

import pytest

import minichain as mc
import minichain.functions as F
import minichain.links as L
from minichain import schema

pytest.importorskip('anywidget', reason='minichain[lab] is not installed')

from IPython.core.ultratb import FormattedTB     # noqa: E402
from minichain_widgets import report, session     # noqa: E402
from minichain_widgets.control import Control     # noqa: E402


@pytest.fixture
def names():
    return {}


@pytest.fixture
def sent():
    return []


@pytest.fixture
def control(names, sent):
    yield Control(names, sent.append)
    mc.config.record, mc.config.train, mc.config.debug = True, True, False


def in_a_thread(act, *arguments, **options):
    thread = threading.Thread(target=act, args=arguments, kwargs=options)
    thread.start()
    thread.join()


def kinds(sent):
    return [message['t'] for message in sent]


# Switches, devices, graphs by name ----------------------------------------------------------------

def test_a_switch_is_turned_at_once_where_nothing_runs(control, sent):
    control.ask({'t': 'set', 'switch': 'train', 'on': False}, busy=False)
    assert not mc.config.train
    assert sent[-1]['t'] == 'mode' and not sent[-1]['train'] and sent[-1]['record']
    schema.check(sent[-1], 'kernelMessage')


def test_a_switch_from_another_thread_waits_for_the_programs_next_operation(control, sent):
    in_a_thread(control.ask, {'t': 'set', 'switch': 'record', 'on': False}, busy=True)
    assert mc.config.record and not sent
    control.turn()
    assert not mc.config.record


def test_a_switch_survives_the_end_of_a_block_that_puts_the_old_one_back(control):
    with mc.using_config(train=False):
        control.ask({'t': 'set', 'switch': 'train', 'on': False}, busy=True)
    assert mc.config.train
    control.settle()
    assert not mc.config.train
    control.settle()
    mc.config.train = True
    control.settle()
    assert mc.config.train      # the wish was granted once


def test_what_no_front_end_of_ours_sends_changes_nothing(control, sent):
    before = mc.config.__dict__.copy()
    control.ask({'t': 'set', 'switch': 'guard', 'on': True}, busy=False)
    control.ask({'t': 'set'}, busy=False)
    control.ask({'t': 'pick', 'what': 'name', 'name': '__builtins__'}, busy=False)
    control.ask({'t': 'move', 'model': 'nobody', 'device': 'gpu'}, busy=False)
    assert mc.config.__dict__ == before
    assert set(kinds(sent)) == {'mode', 'note'}


def test_the_mode_is_told_only_when_it_has_changed(control, names, sent, monkeypatch):
    monkeypatch.setattr('minichain_widgets.control.memory', lambda device: 7)
    control.settle()
    control.settle()
    assert kinds(sent) == ['mode']
    names['model'] = L.Linear(2, 3)
    names['_hidden'] = L.Linear(2, 3)
    control.settle()
    assert sent[-1]['models'] == [['model', 'cpu']] and sent[-1]['memory'] == 7


def test_a_menu_gets_the_users_results_by_name(control, names, sent):
    x = mc.Variable([1.0, 2.0], name='x', requires_grad=True)
    names.update(x=x, y=x * x, _z=x * x, number=3)
    control.ask({'t': 'names'}, busy=False)
    found = sent[0]
    assert found['names'] == [['y', [2]]] and found['devices'][0] == 'cpu' and found['gpu']
    schema.check(found, 'kernelMessage')


def test_the_last_loss_and_a_result_by_name_are_drawn(control, names, sent):
    x = mc.Variable([1.0, 2.0], name='x', requires_grad=True)
    first = F.sum(x * x)
    names.update(x=x, later=F.sum(F.exp(x)), first=first, wide=x * 2.0)
    control.ask({'t': 'pick', 'what': 'loss'}, busy=False)
    control.ask({'t': 'pick', 'what': 'name', 'name': 'wide'}, busy=False)
    picked = [message for message in sent if message['t'] == 'picked']
    assert [message['name'] for message in picked] == ['later', 'wide']
    labels = [node['label'] for node in picked[1]['graph']['nodes']]
    assert labels[-1] == 'mul' and len(labels) == 2
    for message in picked:
        schema.check(message, 'kernelMessage')


def test_a_request_waits_for_the_end_of_the_cell(control, names, sent):
    names['y'] = F.exp(mc.Variable(1.0, requires_grad=True))
    in_a_thread(control.ask, {'t': 'pick', 'what': 'loss'}, busy=True)
    assert not sent
    control.settle()
    assert kinds(sent) == ['picked', 'mode']


def test_without_a_loss_a_note_says_so(control, sent):
    control.ask({'t': 'pick', 'what': 'loss'}, busy=False)
    words = 'No variable of yours holds a loss: one number that was computed.'
    assert sent[0] == {'t': 'note', 'text': words, 'words': [words]}
    schema.check(sent[0], 'kernelMessage')


def test_a_device_that_is_missing_is_said_and_stops_nothing(control, names, sent):
    if mc.gpu_available():
        pytest.skip('there is a GPU')
    names['model'] = L.Linear(2, 3)
    control.ask({'t': 'move', 'model': 'model', 'device': 'gpu'}, busy=False)
    assert kinds(sent) == ['note', 'mode'] and 'No GPU can be used' in sent[0]['text']
    control.ask({'t': 'move', 'model': 'model', 'device': 'cpu'}, busy=False)
    assert sent[-1]['models'] == [['model', 'cpu']]


# A session: what runs while messages come ---------------------------------------------------------

class Comm:
    def __init__(self, sent):
        self.send = sent.append

    def on_msg(self, act):
        self.receive = lambda **message: act({'content': {'data': message}})

    def on_close(self, act):
        pass


class Loop(list):
    """What other threads ask the main thread to do, when it has time."""

    def add_callback(self, act, *arguments):
        self.append((act, arguments))

    def run(self):
        while self:
            act, arguments = self.pop(0)
            act(*arguments)


class Events(dict):
    register = dict.__setitem__


@pytest.fixture
def kernel(names, sent, monkeypatch):
    """A session whose cells are functions: kernel(act), and the comm that a panel would have."""
    comm = Comm(sent)
    shown, tracebacks = [], []
    shell = types.SimpleNamespace(
        events=Events(), user_ns=names,
        history_manager=types.SimpleNamespace(input_hist_raw=['', '']),
        compile=types.SimpleNamespace(format_code_name=lambda file: None),
        kernel=types.SimpleNamespace(get_parent=dict, io_loop=Loop()),
        custom_exceptions=(), InteractiveTB=FormattedTB(mode='Context', tb_offset=1),
        _showtraceback=lambda kind, error, lines: tracebacks.append(
            re.sub(r'\x1b\[[\d;]*m', '', '\n'.join(lines))))

    def set_custom_exc(kinds, handler):
        shell.custom_exceptions, shell.handler = kinds, handler

    shell.set_custom_exc = set_custom_exc
    monkeypatch.setattr(session, 'create_comm', lambda **options: comm)
    monkeypatch.setattr(session, 'display', shown.append)
    live = session.LiveSession(shell)

    def run(act):
        shell.events['pre_run_cell']()
        error = None
        try:
            act()
        except Exception as raised:
            error = raised
            if isinstance(error, shell.custom_exceptions):
                shell.handler(shell, type(error), error, error.__traceback__)
        shell.events['post_run_cell'](types.SimpleNamespace(error_before_exec=None,
                                                            error_in_exec=error))

    run.shown, run.comm, run.session, run.loop = shown, comm, live, shell.kernel.io_loop
    run.tracebacks = tracebacks
    yield run
    live.stream.stop()
    mc.config.record, mc.config.train, mc.config.debug = True, True, False


def test_a_button_pressed_while_a_cell_runs_counts_from_the_next_operation(kernel, sent):
    seen = []

    def cell():
        x = F.exp(mc.Variable(1.0))
        in_a_thread(kernel.comm.receive, t='set', switch='train', on=False)
        seen.append(mc.config.train)
        x = F.exp(x)
        seen.append(mc.config.train)

    kernel(cell)
    assert seen == [True, False]
    assert [message['train'] for message in sent if message['t'] == 'mode'] == [True, False]


def test_between_cells_another_thread_leaves_the_work_to_the_main_thread(kernel, names, sent):
    kernel(lambda: names.update(y=F.exp(mc.Variable(1.0, requires_grad=True))))
    sent.clear()
    in_a_thread(kernel.comm.receive, t='pick', what='loss')
    in_a_thread(kernel.comm.receive, t='set', switch='record', on=False)
    assert mc.config.record and not sent
    kernel.loop.run()
    assert not mc.config.record
    assert kinds(sent) == ['picked', 'mode']


def test_an_error_of_minichain_is_explained_where_the_extension_is(kernel, monkeypatch):
    monkeypatch.delenv('JPY_SESSION_NAME', raising=False)

    def cell():
        F.exp(mc.Variable([1.0, 2.0])) + mc.Variable([1.0, 2.0, 3.0])

    kernel(cell)
    assert not kernel.shown             # another front end: the traceback says it all
    kernel.comm.receive(t='pause', on=False)
    kernel(cell)
    explanation, = kernel.shown
    assert explanation.kind == 'ShapeError' and explanation.node == 2
    assert explanation.run == kernel.session.stream.run
    kernel(lambda: 1 / 0)
    assert len(kernel.shown) == 1


def test_a_traceback_shows_the_users_lines_alone_and_says_how_to_see_the_others(
        kernel, monkeypatch):
    monkeypatch.delenv('JPY_SESSION_NAME', raising=False)
    net = mc.Sequential(L.Linear(3, 4), F.relu)

    def cell():
        net(F.exp(mc.Variable([[1.0] * 5])))

    kernel(cell)
    text = kernel.tracebacks.pop()
    assert 'net(F.exp(mc.Variable([[1.0] * 5])))' in text and 'self.forward(' not in text
    assert 'ShapeError: linear wants' in text and 'Make it for 5, or leave' in text
    assert '%tb shows the lines inside minichain' in text
    assert len(list(traceback.walk_tb(sys.last_traceback))) > 5     # %tb has them all
    kernel.comm.receive(t='pause', on=False)
    kernel(cell)
    assert kernel.shown[0].node == 2 and 'To try' not in kernel.tracebacks.pop()


def test_the_operation_that_failed_is_named_even_if_it_was_refused_before_it_began(kernel, sent):
    def cell():
        F.exp(mc.Variable([[1.0, 2.0]])) @ mc.Variable([[1.0]])

    kernel(cell)
    error = next(message for message in sent if message['t'] == 'error')
    assert error['operation'] == {'label': 'matmul', 'symbol': 'matmul', 'inputs': [[2, 0]]}
    sent.clear()
    kernel(lambda: F.exp(mc.Variable(1.0)) and 1 / 0)
    error = next(message for message in sent if message['t'] == 'error')
    assert error.get('operation') is None


def test_who_shows_errors_already_goes_on_to_do_so(kernel):
    shell = kernel.session.shell
    shell.custom_exceptions = (ValueError,)
    session.LiveSession(shell).stream.stop()
    assert shell.custom_exceptions == (ValueError,)


# What commands ask for ----------------------------------------------------------------------------

def test_the_report_has_versions_and_no_path():
    text = repr(report.report())
    assert re.match(r'Python 3\.\d+\.\d+, \w+ \w+\n', text) and '\nnumpy 2.' in text
    assert 'switched on: record, train' in text
    assert '/' not in text and os.path.basename(os.path.expanduser('~')) not in text.split()


def test_the_doctor_is_given_as_text_and_prints_nothing(capsys):
    assert 'NumPy' in repr(report.doctor())
    assert capsys.readouterr().out == ''


def test_the_code_of_the_last_net_builder_is_found():
    NetBuilder = type('NetBuilder', (), {'code': 'class Net:\n    pass'})
    assert repr(report.builder_code({'a': 1, 'b': NetBuilder()})) == 'class Net:\n    pass'
    assert repr(report.builder_code({'a': 1})) == ''


# How much a browser loads -------------------------------------------------------------------------

def test_the_extension_is_small_and_most_of_it_is_loaded_later():
    folder = pathlib.Path(report.__file__).parent / 'labextension' / 'static'
    sizes = {path.name: len(gzip.compress(path.read_bytes())) for path in folder.glob('*.js')}
    assert 0 < sum(sizes.values()) < 150_000
    first = [size for name, size in sizes.items()
             if name.startswith(('lib_lab_index', 'remoteEntry', 'style'))]
    assert len(first) >= 3 and sum(first) < 30_000
