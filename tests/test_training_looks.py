"""What a TrainingRun shows of a model's answers: regions, curves, sequences, still pictures; and
which line of a student it names."""
import re

import numpy as np
import pytest

pytest.importorskip('anywidget', reason='minichain[lab] is not installed')

import minichain as mc                                          # noqa: E402
import minichain.functions as F                                 # noqa: E402
import minichain.links as L                                     # noqa: E402
from minichain import optimizers                                # noqa: E402
from minichain.data import synthetic                            # noqa: E402
from minichain_widgets import TrainingRun                       # noqa: E402
from minichain_widgets.training import fits                     # noqa: E402
from minichain_widgets.training.examples import Examples        # noqa: E402
from minichain_widgets.training.scores import class_axis        # noqa: E402
from minichain_widgets.training.sentences import numbers_of     # noqa: E402
from test_training_run import look, new_run, tell               # noqa: E402


def net(*sizes):
    mc.set_seed(0)
    layers = [L.Linear(a, b) for a, b in zip(sizes, sizes[1:])]
    return mc.Sequential(*[part for layer in layers[:-1] for part in (layer, F.tanh)], layers[-1])


def test_the_plane_is_coloured_by_what_the_model_says():
    points, t = synthetic.spirals(150)
    run = new_run(net(2, 16, 3), data=(points, t), labels=['a', 'b', 'c'])
    run.blocking(20)
    assert fits.kind_of(run.loop) == 'regions'
    found = look(run, 'fit', labels=run.labels)
    low, high, bottom, top = found['bounds']
    side = found['side']
    row, column = 3, 31
    place = np.array([[low + (column + 0.5) / side * (high - low),
                       top - (row + 0.5) / side * (top - bottom)]], 'float32')
    power = F.softmax(run.model(place)).data[0]
    assert found['said'][row * side + column] == power.argmax()
    assert found['share'][row * side + column] == pytest.approx(power.max(), abs=0.006)
    assert low < points[:, 0].min() and high > points[:, 0].max()
    said = run.model(points).data.argmax(1)
    assert [point[3] for point in found['points']] == said.tolist()
    assert [point[2] for point in found['points']] == t.tolist()
    assert found['labels'] == ['a', 'b', 'c']


def test_the_open_tab_gets_the_plane():
    run = new_run(net(2, 3), data=synthetic.spirals(30))
    tell(run, 'shown', view='a')
    state = tell(run, 'ready')[-1]
    assert state['fits'] == 'regions'
    told = tell(run, 'tab', name='fit')[-1]
    assert (told['t'], told['tab'], told['form']) == ('look', 'fit', 'regions')


def test_a_curve_for_one_number_from_one_number():
    x = np.linspace(-1, 1, 60, dtype='float32')[:, None]
    run = new_run(net(1, 8, 1), data=(x, x ** 2), optimizer=optimizers.Adam(lr=0.03))
    before = look(run, 'fit')['explained']
    run.blocking(epochs=120)
    found = look(run, 'fit')
    assert found['form'] == 'curve' and before < 0.5 < 0.9 < found['explained'] <= 1
    at, said = found['curve'][30]
    assert said == pytest.approx(float(run.model(np.array([[at]], 'float32')).data[0, 0]), rel=0.01)
    assert len(found['points']) == 60


def test_said_over_true_for_other_real_targets():
    x = np.random.default_rng(0).normal(size=(40, 3)).astype('float32')
    run = new_run(net(3, 2), data=(x, x[:, :2]))
    found = look(run, 'fit')
    assert found['form'] == 'scatter' and len(found['points']) == 80
    said = run.model(x).data
    assert found['points'][5] == pytest.approx([x[2, 1], said[2, 1]], rel=1e-3)
    assert found['explained'] == pytest.approx(
        1 - ((said - x[:, :2]) ** 2).sum() / ((x[:, :2] - x[:, :2].mean()) ** 2).sum(), abs=1e-3)


@pytest.mark.parametrize('data, words', [
    ((np.zeros((9, 4), 'float32'), np.arange(9) % 2), 'There is a picture for'),
    (np.ones((9, 4), 'float32'), 'There is a picture for'),
])
def test_where_nothing_can_be_drawn_the_reason_is_told(data, words):
    run = new_run(net(4, 4), data=data)
    assert fits.kind_of(run.loop) == '' and look(run, 'fit')['reason'].startswith(words)


def test_the_axis_of_the_classes():
    whole = np.zeros((5, 7), int)
    for shape, axis in [((5, 3, 7), 1), ((5, 7, 3), 2), ((5, 7), None), ((4, 7, 3), None)]:
        assert class_axis(np.zeros(shape), whole) == axis
    assert class_axis(np.zeros((5, 5, 5)), np.zeros((5, 5), int)) == 1
    assert class_axis(np.zeros((5, 3)), np.zeros(5)) is None


class Positions(L.Chain):
    """Scores for each position: (N, T, K), or (N, K, T)."""

    def __init__(self, classes_last):
        super().__init__()
        mc.set_seed(0)
        self.classes_last = classes_last
        with self.init_scope():
            self.out = L.Linear(4, 3)

    def forward(self, x):
        n, t, i = x.shape
        y = F.reshape(self.out(F.reshape(x, (n * t, i))), (n, t, 3))
        return y if self.classes_last else F.moveaxis(y, 2, 1)


def test_scores_for_positions_give_accuracy_confusion_and_predictions():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(64, 5, 4)).astype('float32')
    t = x[..., :3].argmax(-1)
    t[:, 4] = -1                    # padding, which does not count
    runs = [new_run(Positions(last), data=(x, t), test=(x[:20], t[:20]),
                    optimizer=optimizers.Adam(lr=0.1)) for last in (True, False)]
    for run in runs:
        run.blocking(epochs=8)
    assert runs[0].history['loss'] == pytest.approx(runs[1].history['loss'], rel=1e-5)
    run = runs[0]
    said = run.model(x[:20]).data.argmax(-1)
    right = (said == t[:20])[:, :4]
    assert run.history['test_accuracy'][-1] == pytest.approx(right.mean()) and right.mean() > 0.8
    for each in runs:
        found = look(each, 'confusion')
        assert (found['count'], found['right'], found['what']) == (80, right.sum(), 'positions')
    shown = look(run, 'predictions', labels=['x', 'y', 'z'])['examples'][0]
    assert shown['said'] == ' '.join('xyz'[i] for i in said[0, :4])
    assert shown['hits'] == f'{right[0].sum()} of 4 right'
    assert shown['right'] == bool(right[0].all())
    wrong = next(key for key in look(run, 'confusion')['members'] if key[0] != key[2])
    members = look(run, 'confusion')['members'][wrong]
    assert len(members) == len(set(members))


def test_a_confusion_matrix_of_a_vocabulary_is_not_drawn():
    x, t = np.ones((4, 2), 'float32'), np.array([0, 1, 2, 30_000])
    found = look(new_run(L.Linear(2, 30_001), data=(x, t)), 'confusion')
    assert found == {'reason': 'A confusion matrix is drawn for 200 classes at most; here are '
                               '30,001.'}


WORDS = mc.data.Vocabulary(['good film'.split(), 'a bad film'.split()])
SENTENCES = np.array([WORDS.encode(line.split()) for line in
                      ('<pad> good film', 'a bad film', 'a good film', '<pad> bad film')])


def reading(**options):
    mc.set_seed(0)
    model = mc.Sequential(L.EmbedID(len(WORDS), 4), L.LSTM(4, 5), L.Linear(5, 2))
    options = {'vocabulary': WORDS, 'labels': ['no', 'yes']} | options
    return new_run(Read(model), data=(SENTENCES, np.array([1, 0, 1, 0])), **options)


class Read(L.Chain):
    """Reads a sentence word by word."""

    def __init__(self, layers):
        super().__init__()
        with self.init_scope():
            self.embed, self.cell, self.out = layers

    def forward(self, x):
        self.cell.reset_state()
        for step in F.separate(self.embed(x), axis=1):
            h = self.cell(step)
        return self.out(h)


def test_a_sentence_is_shown_in_words_without_its_padding():
    run = reading()
    shown = look(run, 'predictions', labels=run.labels, vocabulary=run.vocabulary)['examples']
    assert [each['words'] for each in shown] == ['good film', 'a bad film', 'a good film',
                                                 'bad film']
    assert [each['target'] for each in shown] == ['yes', 'no', 'yes', 'no']
    found = look(run, 'inside', number=3, vocabulary=run.vocabulary)
    assert found['example']['words'] == 'bad film'
    steps = {part['name']: part['steps'] for part in found['parts'] if part['kind'] == 'time'}
    assert steps == {name: ['·', 'bad', 'film'] for name in ('embed', 'cell')}
    state = next(part for part in found['parts'] if part['name'] == 'cell')['grids'][0]
    assert (state['rows'], state['columns']) == (5, 3)


def test_the_scores_inside_stand_below_the_names_of_the_classes():
    run = reading()
    parts = look(run, 'inside', labels=run.labels)['parts']
    assert [part.get('steps') for part in parts] == [None, None, ['no', 'yes']]


def test_the_open_tab_gets_words():
    run = reading()
    tell(run, 'shown', view='a')
    tell(run, 'ready')
    assert tell(run, 'tab', name='predictions', numbers=[1])[-1]['examples'][0]['words'] == \
        'a bad film'
    assert tell(run, 'tab', name='inside', number=0)[-1]['parts'][0]['steps'][1:] == ['good',
                                                                                     'film']


def test_a_sentence_of_ones_own_gets_its_padding_and_an_answer():
    run = reading()
    run.blocking(40)
    tell(run, 'shown', view='a')
    assert tell(run, 'ready')[-1]['reads']
    own = tell(run, 'tab', name='predictions', sentence='Good film')[-1]['own']
    first = run.loop.predict((SENTENCES[:1], None))[0]
    assert (own['words'], own['said']) == ('good film', ['no', 'yes'][first.argmax()])
    assert own['share'] == pytest.approx(F.softmax(first[None]).data.max(), rel=0.01)
    assert 'note' not in own
    assert run.ask('good film') == f'{own["said"]}, {100 * own["share"]:.0f} % sure'
    assert 'own' not in tell(run, 'tab', name='predictions')[-1]


@pytest.mark.parametrize('text, words, note', [
    ('a wonderful film', 'a <unk> film',
     'Not in the vocabulary: wonderful. The model reads <unk> instead.'),
    ('a a a bad film', 'a bad film', 'Only the last 3 words fit.'),
    ('Bad!', 'bad <unk>', 'Not in the vocabulary: !. The model reads <unk> instead.')])
def test_what_is_odd_about_a_sentence_of_ones_own_is_noted(text, words, note):
    run = reading()
    own = look(run, 'predictions', vocabulary=run.vocabulary, sentence=text)['own']
    assert (own['words'], own['note']) == (words, note)
    assert run.ask(text).endswith(f' sure ({note})')


def test_a_sentence_that_cannot_be_read_is_told():
    run = reading()
    own = look(run, 'predictions', vocabulary=run.vocabulary, sentence='xyz 42')['own']
    assert own['note'].startswith('No word of this sentence is in the vocabulary. It has, for')
    assert 'said' not in own
    with pytest.raises(ValueError, match='No word of this sentence'):
        run.ask('')
    with pytest.raises(ValueError, match='needs a vocabulary'):
        reading(vocabulary=None).ask('good film')


def test_padding_comes_behind_where_the_examples_have_it_there():
    x = np.array([[2, 3, 0], [4, 2, 3]])
    words = ['<pad>', '<unk>', 'good', 'film', 'a']
    examples = Examples((x, np.array([0, 1])))
    assert numbers_of('good', words, examples)[0].tolist() == [[2, 0, 0]]
    front = Examples((x[:, ::-1].copy(), np.array([0, 1])))
    assert numbers_of('good', words, front)[0].tolist() == [[0, 0, 2]]


def test_a_long_sentence_is_cut_and_keeps_a_word_for_each_column():
    words = ['<pad>', *(f'w{number}' for number in range(1, 91))]
    x = np.arange(1, 91, dtype='int32')[None].repeat(2, 0)
    mc.set_seed(0)
    model = Read([L.EmbedID(91, 4), L.LSTM(4, 5), L.Linear(5, 2)])
    run = TrainingRun(model, (x, np.array([0, 1])), vocabulary=words)
    said = look(run, 'predictions', vocabulary=run.vocabulary)['examples'][0]['words']
    assert said.endswith('w30 …')
    part = look(run, 'inside', vocabulary=run.vocabulary)['parts'][0]
    assert part['steps'] == [f'w{number}' for number in range(1, 91, 3)]
    assert part['grids'][0]['columns'] == len(part['steps'])


def test_text_and_still_picture_say_sentences():
    run = reading()
    said = [WORDS.decode(x) for x in SENTENCES[:3]]
    lines = repr(run).split('\n')[-3:]
    assert [re.search('“(.*)”', line)[1].split() for line in lines] == said
    assert [line.endswith('it is ' + word) for line, word in zip(lines, ('yes', 'no', 'yes'))] == \
        [True] * 3
    assert all(f'“{" ".join(words)}”' in run.svg() for words in said)
    assert '“' not in repr(reading(vocabulary=None))


@pytest.mark.parametrize('options, kind, words', [
    (dict(vocabulary='good film'), TypeError, "a list of the words .*, not 'good film'"),
    (dict(vocabulary=3), TypeError, 'a list of the words .*, not 3'),
    (dict(vocabulary={'good': 1}), TypeError, 'a list of the words'),
    (dict(vocabulary=['<pad>', 'a']), ValueError, 'has 2 words, numbered from 0, but data has the '
                                                  'number 5'),
    (dict(labels='no'), TypeError, 'names of the classes'),
    (dict(labels=4), TypeError, 'names of the classes'),
])
def test_what_is_no_vocabulary_is_explained(options, kind, words):
    with pytest.raises(kind, match=words):
        reading(**options)


def test_a_vocabulary_wants_sentences():
    with pytest.raises(ValueError, match='rows of whole numbers .* float32 of shape'):
        TrainingRun(net(2, 2), synthetic.spirals(20), vocabulary=WORDS)


def test_the_still_picture_has_the_regions():
    points, t = synthetic.spirals(60)
    run = new_run(net(2, 8, 3), data=(points, t), labels=['<a>', 'b', 'c'])
    run.blocking(2)
    picture = run.svg()
    assert 'What the model says of each place' in picture and '&lt;a&gt;' in picture
    wrong = sum(point[2] != point[3] for point in look(run, 'fit')['points'])
    assert picture.count('<circle') == wrong > 0
    assert f'{wrong} of 60 points are wrong (ringed)' in picture
    assert len(set(re.findall(r'd="([^"]+)" fill="#', picture))) == 3
    late = new_run(mc.Sequential(L.Linear(None, 3)), data=(points, t))
    late.svg()
    assert not late.model.params()[0].is_initialized       # a picture makes no weights


def test_a_notebook_that_is_saved_gets_the_picture_of_now():
    run = new_run()
    tell(run, 'shown', view='a')
    tell(run, 'step')
    still = tell(run, 'still')[-1]
    assert still['t'] == 'still' and 'step 1,' in still['text'] and still['svg'] == run.svg()


def test_no_number_without_a_line_of_the_student_names_the_line_of_the_training():
    x = np.ones((8, 4), 'float32')
    run = TrainingRun(mc.Sequential(L.Linear(4, 2), lambda y: F.log(y * 0.0 - 1.0)), (x, x[:, :2]))
    run.blocking(1)
    assert 'test_training_looks.py, line' in run.notice and 'lambda' in run.notice
    run = TrainingRun(mc.Sequential(L.Linear(4, 2), F.neg, F.exp, F.neg, F.log), (x, x[:, :2]))
    run.blocking(1)
    assert 'First: log gave' in run.notice and 'loop.py' not in run.notice
    assert run.notice.endswith(
        "in the training of test_training_looks.py, line "
        f"{line_of('F.neg, F.exp, F.neg, F.log')}: run = TrainingRun(mc.Sequential("
        "L.Linear(4, 2), F.neg, F.exp, F.neg, F.log), (x, x[:, :2]))")


def line_of(words):
    lines = open(__file__, encoding='utf-8').read().splitlines()
    return 1 + next(i for i, line in enumerate(lines) if words in line)


def test_an_error_inside_of_numpy_names_the_students_line():
    def lossfun(y, t):
        return np.concatenate([np.ones(2), np.ones((2, 2))])

    run = new_run(lossfun=lossfun)
    problem = next(m for m in tell(run, 'step') if m['t'] == 'problem')
    assert 'loop.py' not in problem['text'] and 'numpy' not in problem['text'].lower()


def test_still_curves_have_the_names_of_the_live_ones_and_show_a_single_measurement():
    x, t = np.zeros((6, 4), 'float32'), np.arange(6) % 3
    run = TrainingRun(net(4, 3), (x, t), batch_size=6)
    run.blocking(1)
    picture = run.svg()
    for title in ('Loss', 'Accuracy', 'Length of the gradient', 'Length of the weights'):
        assert f'>{title}</text>' in picture
    assert '>batch</text>' not in picture and picture.count('>step 1</text>') == 4
    lines = re.findall(r'<polyline [^>]*points="([^"]*)"', picture)
    assert len(lines) == 4 and all(len(set(line.split())) == 2 for line in lines)
    tested = TrainingRun(net(4, 3), (x, t), test=(x, t), batch_size=6)
    tested.blocking(2)
    assert '>batch</text>' in tested.svg() and '>test</text>' in tested.svg()
