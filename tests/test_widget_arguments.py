"""What is wrong with an argument of a widget is said in a sentence, when the widget is made."""
import inspect

import numpy as np
import pytest

pytest.importorskip('anywidget', reason='minichain[lab] is not installed')

import minichain as mc                                      # noqa: E402
import minichain.links as L                                 # noqa: E402
import minichain_widgets as widgets                         # noqa: E402
from minichain.errors import GraphError                     # noqa: E402

NAN = float('nan')
X = np.random.default_rng(0).normal(size=(12, 3)).astype('float32')
T = np.arange(12) % 2
WORDS = np.array([[0, 1, 2], [2, 1, 1]])


def y():
    return mc.Variable(np.array(2.0), name='a') * 3.0


# What each widget needs, at least.
NEEDED = {
    'NetBuilder': {}, 'TrainingRun': dict(model=L.Linear(3, 2), data=(X, T)),
    'Unroller': dict(link=L.LSTM(3, 4), x=X), 'BackpropStepper': dict(of=y()),
    'ConvExplorer': dict(image=np.eye(5)), 'DeviceSwitch': dict(model=L.Linear(3, 2)),
    'WasteMeter': dict(lengths=[2, 3]), 'LiveGraph': dict(of=y()),
}
# (widget, argument, values that are wrong, what is said)
WRONG = [
    ('NetBuilder', 'data', ['no such data', ''], 'is no data that the builder has'),
    ('NetBuilder', 'data', [3.5, NAN, b'a', [], {}, ([1], [2], [3])], 'Data are a name such as'),
    ('NetBuilder', 'seed', ['a', '', -1, 3.5, NAN, True, [1], 2 ** 32], 'seed is a whole number'),
    ('NetBuilder', 'vocabulary', [['a']], 'has the words of your own arrays'),
    ('TrainingRun', 'model', ['a', 3, None], 'The model should be a Link'),
    ('TrainingRun', 'data', ['a', b'a', 3.5, NAN], 'data is a tuple of arrays'),
    ('TrainingRun', 'optimizer', ['Adam', 3], 'The optimizer should be one of'),
    ('TrainingRun', 'batch_size', [0, 2.5, '8', NAN, True], 'batch_size, the examples in a batch,'
                                                            ' is a whole number from 1 on'),
    ('TrainingRun', 'lossfun', ['mse', 3], r'lossfun is a function of \(y, t\)'),
    ('TrainingRun', 'test', ['a', b'a', 3.5], 'test is a tuple of arrays'),
    ('TrainingRun', 'test', [(X, X, T)], 'data has 2 arrays, but one of test has 3'),
    ('TrainingRun', 'seed', ['a', -1, 3.5, NAN, True, [1]], 'seed is a whole number from 0'),
    ('TrainingRun', 'labels', ['no', 3, {}], 'labels are the names of the classes'),
    ('TrainingRun', 'patience', ['a', -1, 2.5, NAN, True, [1]], 'patience, in epochs, is a whole'),
    ('TrainingRun', 'vocabulary', ['no', 3, {}], 'vocabulary is a Vocabulary, or a list'),
    ('TrainingRun', 'vocabulary', [['a']], 'A vocabulary has the words of sentences'),
    ('Unroller', 'link', ['a', L.Linear(3, 2)], 'Unroller wants a link that is recurrent'),
    ('Unroller', 'x', ['a', 3.5, X * NAN], 'Unroller wants numbers|NaN or infinite'),
    ('Unroller', 'target', ['a', {}, NAN, [[1], [1, 2]]], 'A target is the number of a class'),
    ('Unroller', 'labels', [3, {}, 4.5], 'labels are a list of words'),
    ('Unroller', 'labels', [['a', 'b'], 'ab'], 'an example has 12 steps and 2 labels'),
    ('Unroller', 'whole', ['yes', 1, None, NAN], 'whole is True or False'),
    ('Unroller', 'batch_first', ['yes', 1, None, NAN], 'batch_first is True or False'),
    ('BackpropStepper', 'of', ['a', 3, [1]], 'A walk through a graph needs its result'),
    ('BackpropStepper', 'gy', ['a', {}], 'A Variable holds numbers'),
    ('BackpropStepper', 'gy', [np.ones(2)], r'gy has the shape \(2,\)'),
    ('BackpropStepper', 'link', ['a', 3], 'link should be a network of minichain'),
    ('BackpropStepper', 'quiz', ['yes', 1, None, NAN], 'quiz is True or False'),
    ('BackpropStepper', 'pace', ['a', 0, -1, 11, NAN, True, None],
     'pace, in seconds, is a number from 0.1 to 10'),
    ('ConvExplorer', 'image', ['a', 3, {}, [1, 2]], 'ConvExplorer wants a picture'),
    ('ConvExplorer', 'image', [np.eye(3) * NAN], 'NaN or infinite'),
    ('ConvExplorer', 'filters', ['edges', {'a': 'b'}, [[1], [1, 2]], object()],
     'should hold the numbers of a filter'),
    ('ConvExplorer', 'filters', [np.eye(3) * NAN], 'NaN or infinite'),
    ('ConvExplorer', 'filters', [3, np.ones((2, 3)), [1, 2]], 'A filter should be square'),
    ('ConvExplorer', 'link', ['a', 3], 'link should be a network of minichain'),
    ('DeviceSwitch', 'model', ['a', None], 'The model should be a Link'),
    ('DeviceSwitch', 'optimizer', ['Adam', 3], 'The optimizer should be one of'),
    ('DeviceSwitch', 'data', ['a', 3.5], 'data is a tuple of arrays'),
    ('DeviceSwitch', 'batch_size', [0, 2.5, '8', NAN, True], 'is a whole number from 1 on'),
    ('DeviceSwitch', 'lossfun', ['mse', 3], r'lossfun is a function of \(y, t\)'),
    ('WasteMeter', 'lengths', ['a', b'a', 3, {'a': 1}, None], 'WasteMeter wants a list'),
    ('WasteMeter', 'lengths', [[True], [2.5], [NAN]], 'WasteMeter wants sentences'),
    ('WasteMeter', 'lengths', [[], [0], [201]], 'at least one sentence|from 1 to 200 words'),
    ('WasteMeter', 'cell', ['LSTM', L.Linear(3, 2)], 'WasteMeter wants a link that is called once'),
    ('WasteMeter', 'size', [0, -1, 2.5, 'a', NAN, True, 10 ** 9], 'size, the numbers of a word,'),
    ('LiveGraph', 'of', ['a', 3, [], [1]], 'A picture needs what came out of a computation'),
    ('LiveGraph', 'height', [0, -1, 2.5, 'a', NAN, True, '', 10 ** 9],
     'height, in pixels, is a whole number from 120 to 4000'),
    ('LiveGraph', 'against', ['a', 3, []], 'A picture needs what came out of a computation'),
]


@pytest.mark.parametrize('name, argument, values, words', WRONG,
                         ids=[f'{name} {argument}' for name, argument, *_ in WRONG])
def test_a_wrong_argument_is_told_at_once(name, argument, values, words):
    for value in values:
        with pytest.raises((TypeError, ValueError, GraphError), match=words):
            getattr(widgets, name)(**NEEDED[name] | {argument: value})


@pytest.mark.parametrize('name', NEEDED)
def test_all_arguments_are_tried_above(name):
    arguments = inspect.signature(getattr(widgets, name)).parameters.values()
    tried = {argument for widget, argument, *_ in WRONG if widget == name}
    assert tried == {one.name for one in arguments if one.kind is not one.VAR_POSITIONAL}
    getattr(widgets, name)(**NEEDED[name]).close()


def test_the_builder_of_a_link_says_what_is_wrong_at_once():
    for seed in ('a', -1, NAN):
        with pytest.raises(ValueError, match='seed is a whole number'):
            widgets.NetBuilder.from_link(L.Linear(3, 2), X, T, seed=seed)
    with pytest.raises(TypeError, match='vocabulary is a Vocabulary'):
        widgets.NetBuilder.from_link(L.Linear(3, 2), X, T, vocabulary='a')


def test_whole_numbers_may_come_from_numpy():
    builder = widgets.NetBuilder('spirals', seed=np.int64(3))
    assert type(builder._draft.seed) is int
    run = widgets.TrainingRun(L.Linear(3, 2), (X, T), batch_size=np.int32(4), seed=np.uint8(1))
    run.blocking(1)
    assert len(run.loop.numbers) == 4


def test_sentences_of_ones_own_have_a_vocabulary_in_the_builder():
    builder = widgets.NetBuilder((WORDS, np.array([0, 1])), vocabulary=['<pad>', 'a', 'film', 'b'])
    assert builder.data.vocabulary == ('<pad>', 'a', 'film', 'b')
    assert builder.data.start.words == 4
    assert builder.data.words(WORDS) == [['·', 'a', 'film'], ['film', 'a', 'a']]
    builder.example()
    assert 'L.EmbedID(4,' in builder.code
    assert '“a film”' in repr(builder.train())
    with pytest.raises(ValueError, match='has 2 words, numbered from 0, but x has the number 2'):
        builder.use(WORDS, np.array([0, 1]), ['<pad>', 'a'])
    with pytest.raises(ValueError, match='real numbers'):
        builder.use(X, T, ['<pad>', 'a'])


def test_a_loss_that_is_no_variable_is_told_when_it_trains():
    run = widgets.TrainingRun(L.Linear(3, 2), (X, T), lossfun=lambda y, t: 1)
    with pytest.raises(GraphError, match='The loss is a Variable with one number'):
        run.blocking(1)


def test_sentences_of_one_word_have_no_state_to_learn():
    meter = widgets.WasteMeter([1, 1], cell=L.LSTM(2, 3))
    assert meter.costs['padded'].macs == meter.costs['shrinking'].macs > 0


def test_letters_are_labels_too():
    shown = widgets.Unroller(L.LSTM(3, 4), X[:4], labels='film')
    assert shown._step_labels() == list('film')
