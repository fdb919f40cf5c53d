"""NetBuilder without a browser: what it answers, what it says, what a saved notebook keeps."""
import ast
import sys

import numpy as np
import pytest

import minichain as mc
import minichain.functions as F
import minichain.links as L

pytest.importorskip('anywidget', reason='minichain[lab] is not installed')

from minichain_widgets import NetBuilder                    # noqa: E402
from minichain_widgets.builder import view                  # noqa: E402
from minichain_widgets.builder.data import named            # noqa: E402


@pytest.fixture
def sent(monkeypatch):
    """What the widgets send to the browser, in order."""
    messages = []
    monkeypatch.setattr(NetBuilder, 'send',
                        lambda self, message, buffers=None: messages.append(message))
    return messages


@pytest.fixture
def ask(sent):
    """A builder for spirals, and what sends it messages as the front end does."""
    builder = NetBuilder('spirals')

    def send(what, **content):
        sent.clear()
        builder._handle_custom_msg({'t': what, **content}, [])
        return sent[-1]

    return builder, send


def kinds(state):
    return [block['kind'] for block in state['blocks']]


def test_a_front_end_that_is_ready_gets_the_palette_and_the_state(ask, sent):
    _, send = ask
    send('ready')
    assert [message['t'] for message in sent] == ['palette', 'state']
    assert {'linear', 'lstm', 'attention'} <= {block['kind'] for block in sent[0]['blocks']}


def test_messages_build_a_net_step_by_step(ask):
    builder, send = ask
    assert send('add', kind='linear')['chosen'] == 1
    send('add', kind='classifier')
    send('add', kind='residual', parent=None, index=1)
    send('add', kind='linear', parent=3, index=0)
    assert send('step', id=2, by=-1)['focus'] == 2
    assert kinds(send('undo')['state']) == ['linear', 'residual', 'classifier']
    send('redo')
    send('undo')
    assert send('set', id=1, name='units', value=7)['state']['blocks'][0]['settings']['units'] == 7
    repaired = send('repair', id=3, label='end it with a linear of 7 units')
    assert repaired['state']['fits'] and repaired['focus'] == 3
    assert send('duplicate', id=1)['focus'] == 6
    assert send('add', kind='dropout', parent=3, index=0, lane=1)['chosen'] == 7
    answer = send('branch', id=3, lane=0, add=True)
    assert answer['t'] == 'problem' and 'no more and no fewer' in answer['text']
    send('move', id=6, parent=3, index=0)
    send('remove', id=6)
    assert [link.W.shape for link in builder.model.children()] == [(7, 2), (32, 7), (7, 32), (3, 7)]
    assert kinds(send('clear')['state']) == []
    assert send('example')['state']['fits']
    assert send('use', data='sines')['state']['data']['name'] == 'sines'
    assert send('table', text='a,b\n1,0\n2,1\n3,0\n4,1')['state']['data']['name'] == 'my data'


def test_code_is_applied_or_its_mistake_is_told(ask, sent):
    builder, send = ask
    code = builder.code.replace('return x', 'return F.relu(x)')
    assert send('apply', code=code) == {'t': 'read'}
    assert kinds(sent[-2]['state']) == ['activation']
    wrong = send('apply', code=code.replace('relu', 'wave'))
    assert wrong['t'] == 'unread' and wrong['text'].startswith('Line 11: there is no F.wave')
    assert 'relu' in builder.code


@pytest.mark.parametrize('message, words', [
    ({'t': 'add', 'kind': 'wizard'}, "'wizard' is no block"),
    ({'t': 'load', 'text': 'x'}, 'no JSON'),
    ({'t': 'table', 'text': 'a,b\n1,x\n'}, 'at least 4'),
    ({'t': 'dance'}, 'There is no message'),
])
def test_what_is_wrong_is_a_sentence_in_the_widget(ask, message, words):
    builder, send = ask
    builder.add('linear')
    answer = send(message['t'], **{k: v for k, v in message.items() if k != 't'})
    assert answer['t'] == 'problem' and words in answer['text']
    assert repr(builder).startswith('NetBuilder, 1 block\n')


def test_a_wrong_number_is_told_at_its_setting(ask):
    _, send = ask
    send('add', kind='linear')
    assert send('set', id=1, name='units', value='abc') == {
        't': 'wrong', 'id': 1, 'name': 'units',
        'text': "linear, units: a whole number from 1 to 4096 is needed, but this is 'abc'."}


def test_a_saved_net_is_the_same_and_a_link_is_drawn():
    builder = NetBuilder()
    builder.example()
    other = NetBuilder.from_json(builder.to_json())
    assert other.code == builder.code
    x, t = builder.data.train
    losses = [F.softmax_cross_entropy(made.model(x[:9]), t[:9]).item() for made in (builder, other)]
    assert losses[0] == losses[1]
    link = mc.Sequential(L.Linear(4, 5), F.relu, L.Linear(5, 3))
    drawn = NetBuilder.from_link(link, np.ones((2, 4), 'float32'))
    assert drawn.model is link
    with pytest.raises(ValueError, match='exp outside of the links.* LiveGraph'):
        NetBuilder.from_link(mc.Sequential(F.exp), np.ones((2, 4), 'float32'))


def test_without_scikit_learn_the_builder_begins_with_other_data_and_says_why(monkeypatch):
    monkeypatch.setitem(sys.modules, 'sklearn.datasets', None)
    named.cache_clear()
    builder = NetBuilder()
    assert builder.text().splitlines()[2].startswith('spirals')
    assert builder._draft.data.note.endswith('not installed: pip install scikit-learn.')
    builder.example()
    builder.train().blocking(1)
    before = builder.text()
    with pytest.raises(ValueError, match='pip install scikit-learn'):
        builder.use('digits')
    assert builder.text() == before


def test_data_of_ones_own(tmp_path):
    x, t = np.arange(40.0).reshape(10, 4), np.arange(10) % 2
    assert NetBuilder((x, t)).data.start.text() == 'N, I 4'
    assert NetBuilder(mc.data.TupleDataset(x, t)).data.target.count == 2
    path = tmp_path / 'table.csv'
    path.write_text('a,b\n1,0\n2,1\n3,0\n4,1\n')
    builder = NetBuilder(str(path))
    assert builder.data.classes == ('0', '1')
    builder.use(x, t)
    assert builder.data.start.sizes == (4,)
    builder.undo()
    assert builder.data.start.sizes == (1,)
    with pytest.raises(ValueError, match='Data are a name'):
        NetBuilder(3)
    with pytest.raises(ValueError, match='No such file'):
        NetBuilder('nothing.csv')


def test_what_a_saved_notebook_keeps():
    builder = NetBuilder('sentences')
    builder.example()
    bundle = builder._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    assert data['text/plain'] == repr(builder) == """NetBuilder, 3 blocks
block             gives             weights  multiply-adds
sentences         N 32, T 14
embedding embed1  N 32, T 14, I 16    1,184              0
LSTM lstm1        N 32, I 32          6,272         85,504
classifier out    N 32, I 2              66             64
total                                 7,522         85,568"""
    assert data['image/svg+xml'].startswith('<svg') and 'lstm1' in data['image/svg+xml']
    builder.add('conv2d', index=0)
    assert 'does not fit' in builder.svg()
    assert builder.svg() == builder.svg()


def test_branches_are_seen_in_text_and_picture():
    builder = NetBuilder('digits')
    fork = builder.add('parallel')
    builder.add('conv2d', parent=fork, filters=3)
    around = builder.add('residual', parent=fork, lane=1)
    builder.add('activation', parent=around)
    assert builder.text() == """NetBuilder, 4 blocks
block              gives                weights  multiply-adds
digits             N 32, C 1, H 8, W 8
side by side       N 32, C 4, H 8, W 8        0              0
  conv2d conv1     N 32, C 3, H 8, W 8       30          1,728
beside that
  residual branch  N 32, C 1, H 8, W 8        0             64
    activation     N 32, C 1, H 8, W 8        0             64
total                                        30          1,856"""
    picture = builder.svg()
    assert all(words in picture for words in ('beside that', 'put together', 'went round'))
    assert 'on the way round' not in picture
    builder.add('batch_norm', parent=around, lane=1)
    assert 'on the way round' in builder.svg() and '\n  on the way round\n' in builder.text()


def test_training_uses_the_model_and_the_data_of_the_picture():
    builder = NetBuilder('sentences', seed=3)
    builder.example()
    run = builder.train()
    assert run.model is builder.model and builder.train() is run
    run.blocking(epochs=12)
    assert run.history['test_accuracy'][-1] > 0.9
    builder.add('dropout', index=2)
    assert builder.train() is not run
    builder.undo()
    assert builder.model is run.model
    assert builder.train(batch_size=8) is not run


def test_a_net_without_data_cannot_be_trained():
    link = mc.Sequential(L.Linear(4, 5), F.relu, L.Linear(5, 3))
    builder = NetBuilder.from_link(link, np.ones((2, 4), 'float32'))
    with pytest.raises(ValueError, match='give examples and labels'):
        builder.train()
    with pytest.raises(ValueError, match='no block yet'):
        NetBuilder('spirals').train()


def test_the_button_graph_shows_two_examples_on_their_way_through_the_net(ask, sent):
    builder, send = ask
    assert 'no block yet' in send('graph')['text']
    send('example')
    first, second = send('graph')['model'], send('graph')['model']
    assert first != second
    shown = builder.graph().graph
    assert {'linear', 'tanh', 'softmax_cross_entropy'} <= {
        node['label'] for node in shown.nodes}


@pytest.mark.parametrize('data, kinds, shown', [
    ('digits', ['conv2d', 'flatten', 'classifier'], 'ConvExplorer: picture 1 × 8 × 8; layer 1 of'),
    ('sentences', ['embedding', 'gru', 'classifier'], 'Unroller: gru1 (GRU), 32 units, 14 steps'),
    ('sines', ['lstm', 'classifier'], 'Unroller: lstm1 (LSTM), 32 units, 24 steps'),
    ('spirals', ['linear', 'activation', 'classifier'], 'BackpropStepper: 4 operations, step 0'),
    ('digits', ['flatten', 'batch_norm', 'dropout', 'classifier'], 'BackpropStepper: '),
    ('sentences', ['embedding', 'layers', 'classifier'], 'BackpropStepper: '),
    ('sentences', ['embedding', 'attention', 'time_mean', 'classifier'], 'BackpropStepper: ')])
def test_a_net_is_taken_apart_by_the_code_that_is_shown(data, kinds, shown):
    builder = NetBuilder(data)
    for kind in kinds:
        builder.add(kind)
    *before, last = ast.parse(view.state(builder._draft)['apart']).body
    names = {'builder': builder, 'model': builder.model}
    exec('\n'.join(map(ast.unparse, before)), names)
    assert repr(eval(ast.unparse(last), names)) == repr(builder.apart())
    assert builder.apart().text().startswith(shown)
    if 'gru' in kinds:
        first = builder.data.words(builder.data.test[0])[0]
        assert builder.apart()._step_labels() == first and len(first) == 14
        assert {'·', 'the'} <= {word for row in builder.data.words(builder.data.test[0])
                                for word in row}


def test_the_button_take_apart_shows_a_look_inside_or_says_what_has_one(ask, sent):
    builder, send = ask
    send('example')
    state = view.state(builder._draft)
    assert 'BackpropStepper(loss, link=model)' in state['apart']
    assert 'because this net has no' in state['seen']
    assert send('apart')['t'] == 'apart'
    builder.use(np.eye(3)[:2], np.array([0, 1]))        # two examples: none of them for the test
    assert view.state(builder._draft)['apart'] == ''
    builder.example()
    assert 'test examples are needed' in send('apart')['text']
    builder.use('sines')
    builder.example()
    first, second = send('apart')['model'], send('apart')['model']
    assert first != second and sent[-1]['t'] == 'apart'
    builder.add('linear', index=0)
    assert 'wants' in send('apart')['text']


def test_the_palette_says_what_each_block_takes(ask, sent):
    _, send = ask
    send('ready')
    takes = {block['kind']: block['takes'] for block in sent[0]['blocks']}
    assert takes['conv2d'] == ['CHW'] and takes['embedding'] == ['T']
    assert takes['lstm'] == takes['layers'] == ['TI']
    assert takes['batch_norm'] == ['I', 'CHW'] and takes['linear'] == ['I']
    assert takes['parallel'] == takes['activation'] == ['I', 'CHW', 'TI']


def test_the_button_train_shows_a_training_and_says_when_it_is_of_another_net(ask, sent):
    builder, send = ask
    send('example')
    send('train')
    assert [message for message in sent if message['t'] == 'run'] == [
        {'t': 'run', 'model': builder.train().model_id, 'begins': True}]
    assert send('add', kind='dropout')['state']['stale']
    assert not send('undo')['state']['stale']
    send('ready')
    assert sent[-1]['t'] == 'run' and not sent[-1]['begins']


def test_a_page_that_is_loaded_again_hears_of_the_pictures_that_are_shown(ask, sent):
    builder, send = ask
    builder.use('sines')
    send('example')
    shown = [send('graph'), send('apart')]
    send('train')
    code = builder.code
    send('remove', id=1)
    sent.clear()
    send('ready')
    assert [message['t'] for message in sent] == ['palette', 'state', 'run', 'graph', 'apart']
    assert sent[3:] == [{**message, 'begins': False} for message in shown]
    assert all(message['code'] == code != builder.code for message in sent[3:])
