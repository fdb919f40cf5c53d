"""BackpropStepper without a browser: the numbers of each step, what is said of them, the quiz."""
import json

import numpy as np
import pytest
import traitlets

pytest.importorskip('anywidget', reason='minichain[lab] is not installed')

import minichain as mc                                          # noqa: E402
import minichain.functions as F                                 # noqa: E402
import minichain.links as L                                     # noqa: E402
from minichain_widgets import BackpropStepper                   # noqa: E402
from minichain_widgets.quiz import judge, question_of           # noqa: E402
from minichain_widgets.walkthrough import Walkthrough           # noqa: E402


class Cube(mc.Function):
    """y = x³"""

    keeps = 'x'

    def forward(self, x):
        return x ** 3

    def backward(self, gy):
        return 3 * gy * self.x ** 2


def example():
    x, w = mc.Variable(3.0, name='x'), mc.Variable(2.0, name='w')
    return (x * w + 2.0) * x, x, w


def steps_of(walk, phase):
    return [step for step in walk.steps if step['phase'] == phase]


def test_forward_tells_what_goes_in_and_comes_out():
    y, _, _ = example()
    told = [step['text'].splitlines()[-1].strip() for step in Walkthrough(y).steps[:3]]
    assert told == ['mul 3 = 3.0 × 2.0 = 6.0', 'add 4 = 6.0 + 2.0 = 8.0',
                    'mul 5 = 8.0 × 3.0 = 24.0']


def test_backward_multiplies_by_the_local_derivative():
    y, _, _ = example()
    step = steps_of(Walkthrough(y), 'backward')[0]
    first, second = step['parts']
    assert step['arriving'][0]['values'] == 1
    assert (first['local']['values'], first['part']['values']) == (3, 3)
    assert (second['local']['values'], second['part']['values']) == (8, 8)


def test_where_paths_meet_they_add_up():
    y, _, _ = example()
    walk = Walkthrough(y)
    part = steps_of(walk, 'backward')[-1]['parts'][0]
    assert (part['of'], part['path'], part['paths']) == ('x', 2, 2)
    assert [each['values'] for each in part['before']] == [8]
    assert (part['part']['values'], part['total']['values']) == (6, 14)
    leaves = {step['name']: step['arriving'][0]['values'] for step in steps_of(walk, 'leaf')}
    assert leaves == {'x': 14, 'w': 9}
    assert '8.0 + 6.0 = 14.0   (paths meet: they add up)' in walk.steps[-1]['text']


def test_the_walk_agrees_with_backward_and_changes_nothing():
    model = L.Sequential(L.Linear(3, 4), F.tanh, L.Linear(4, 2))
    x = np.random.default_rng(0).normal(size=(2, 3)).astype('float32')
    loss = F.softmax_cross_entropy(model(x), np.array([0, 1]))
    walk, named = Walkthrough(loss), Walkthrough(loss, link=model)
    assert all(param.grad is None for param in model.params())
    found = {step['name']: step['arriving'][0]['norm'] for step in steps_of(walk, 'leaf')}
    loss.backward()
    expected = [float(np.linalg.norm(param.grad)) for param in model.params()[::-1]]
    assert list(found.values()) == pytest.approx(expected, rel=1e-5)
    assert [name[0] for name in found] == ['b', 'W', 'b', 'W']
    assert [step['name'] for step in steps_of(named, 'leaf')] == ['2/b', '2/W', '0/b', '0/W']


def test_nobody_who_watches_hears_of_the_walk():
    y, _, _ = example()
    with mc.watch(mc.Recorder()) as recorder:
        Walkthrough(y)
    assert len(recorder.graph()) == 0 and recorder.graph().backward == []


def test_an_operation_of_ones_own_shows_its_lines():
    y = Cube().apply(mc.Variable(2.0, name='x'))
    step = steps_of(Walkthrough(y), 'backward')[0]
    assert step['formula'] == 'y = x³'
    assert 'return 3 * gy * self.x ** 2' in step['code']
    assert step['parts'][0]['local']['values'] == 12


def test_the_derivative_of_a_matrix_product_has_a_row_for_each_output():
    x, w = mc.Variable([[1.0, 2.0]], name='x'), mc.Variable([[3.0, 4.0], [5.0, 6.0]], name='W')
    walk = Walkthrough(x @ w, gy=np.ones((1, 2), 'float32'))
    local = steps_of(walk, 'backward')[0]['parts'][0]['local']
    assert local['kind'] == 'table'
    assert local['values'] == [[3, 5], [4, 6]]


def test_a_repeated_input_gets_the_sum():
    b = mc.Variable([1.0, 2.0], name='b')
    walk = Walkthrough(F.sum(mc.Variable(np.ones((3, 2), 'float32')) + b))
    part = steps_of(walk, 'backward')[1]['parts'][1]
    assert part['stretched'] and part['part']['values'] == [3, 3]


def test_what_the_graph_has_forgotten_is_found_or_said_to_be_unknown():
    class Shift(mc.Function):
        def forward(self, x, b):
            return x + b

        def backward(self, gy):
            return gy, None

    def loss(x):
        return F.sum(Shift().apply(x, np.array([3.0, 3.0], 'float32')))

    x = mc.Variable([1.0, 2.0], name='x')
    lost = Walkthrough(loss(x)).steps[0]
    assert lost['outputs'][0]['text'] == ''
    assert 'The graph did not keep the result' in lost['text']
    assert Walkthrough(loss, x).steps[0]['outputs'][0]['values'] == [4, 5]


def test_noise_is_not_drawn_again():
    mc.set_seed(0)
    y = F.sum(F.dropout(mc.Variable(np.ones(8, 'float32')), 0.5))
    before = mc.randomness.generator().bit_generator.state
    walk = Walkthrough(y)
    assert walk.steps[0]['outputs'][0]['values'] is None
    assert mc.randomness.generator().bit_generator.state == before


def test_an_output_that_nobody_used_brings_no_gradient():
    mc.set_seed(0)
    link = L.LSTM(2, 3)
    walk = Walkthrough(F.sum(link(mc.Variable([[1.0, -2.0]]))))
    step = next(step for step in steps_of(walk, 'backward') if step['label'] == 'lstm')
    assert sorted(g['text'] for g in step['arriving'])[1] == 'no gradient'
    assert step['light']['norm'] == pytest.approx(3 ** 0.5)


def test_large_arrays_are_told_by_shape_and_norm():
    y = F.sum(mc.Variable(np.ones((5, 5), 'float32'), name='x') * 2.0)
    assert Walkthrough(y).steps[0]['inputs'][0]['text'] == '5 × 5 numbers, norm 5'


@pytest.mark.filterwarnings('ignore:invalid value')
def test_what_is_no_number_becomes_json():
    y = F.log(mc.Variable(-1.0)) * 2.0
    stepper = BackpropStepper(y)
    stepper.to(len(stepper.steps))
    text = json.dumps(stepper.scene, allow_nan=False)
    assert '"NaN"' in text
    assert mc.Graph.from_json(stepper.graph.to_dict()).backward[0]['nan'] == 0


@pytest.mark.parametrize('make, kind, words', [
    (lambda: BackpropStepper(3), TypeError, 'a Variable, or a function'),
    (lambda: BackpropStepper(lambda: 3), TypeError, 'The function gave int'),
    (lambda: BackpropStepper(mc.Variable([1.0, 2.0]) * 2.0), mc.GraphError, 'pass gy'),
    (lambda: BackpropStepper(sum([mc.Variable(1.0) * 1.0 for _ in range(150)])), ValueError,
     'up to 200'),
])
def test_what_cannot_be_walked_through_is_explained(make, kind, words):
    with pytest.raises(kind, match=words):
        make()


def test_a_graph_that_was_let_go_is_explained():
    y, _, _ = example()
    y.backward()
    with pytest.raises(mc.GraphError, match='retain_graph=True'):
        BackpropStepper(y)


def test_steps_go_forward_and_back_and_stop_at_the_ends():
    stepper = BackpropStepper(example()[0])
    stepper.back()
    assert stepper.position == 0
    assert repr(stepper).splitlines()[0] == 'BackpropStepper: 3 operations, step 0 of 9.'
    for _ in range(20):
        stepper.step()
    assert stepper.position == 9
    assert 'the gradient of x is complete' in stepper.text()
    with pytest.raises(ValueError, match='from 0 to 9, not 12'):
        stepper.to(12)
    with pytest.raises(traitlets.TraitError):
        stepper.position = -1
    assert stepper.position == 9


def test_the_picture_knows_what_has_happened_so_far():
    stepper = BackpropStepper(example()[0])
    assert [node['values'] for node in stepper.graph.nodes if node['kind'] == 'function'] == [
        None, None, None]
    stepper.to(5)
    assert len(stepper.graph.backward) == 2
    assert stepper._repr_mimebundle_()[0]['image/svg+xml'].startswith('<svg')


def test_a_right_answer_goes_on_and_a_wrong_one_stays():
    stepper = BackpropStepper(example()[0], quiz=True)
    assert stepper.question['ask'] == 'What comes out of 3.0 × 2.0?'
    assert stepper.answer('5') == 'wrong' and stepper.position == 0
    assert stepper.answer('6') == 'right' and stepper.position == 1
    assert stepper.verdict['text'] == 'Right: 6.'
    stepper.quiz = False
    with pytest.raises(ValueError, match='Nothing is asked'):
        stepper.answer('8')


@pytest.mark.parametrize('given, verdict, words', [
    ('1', 'nearly', 'the gradient that comes in'), ('−16', 'nearly', 'sign'),
    ('2', 'nearly', 'local derivative'), ('16', 'right', 'Right'), ('16,4', 'nearly', 'Very near'),
    ('abc', 'wrong', "this is 'abc'"), ('nan', 'wrong', 'An answer is a number'),
    ('7', 'wrong', 'Not this. y = a * b')])
def test_an_answer_tells_what_went_wrong(given, verdict, words):
    part = dict(name='a', of='x', part=number(16.0), before=[], total=number(16.0),
                local=dict(kind='each', **number(2.0)))
    step = dict(phase='backward', arriving=[number(1.0)], parts=[part], words='8.0 × 2.0',
                name='y', outputs=[number(16.0)], formula='y = a * b')
    found, why = judge(question_of(step), given)
    assert found == verdict and words in why


def number(value):
    return dict(shape=[], values=value, norm=abs(value), text=str(value))


def test_one_path_of_two_is_nearly_right():
    stepper = BackpropStepper(example()[0], quiz=True)
    stepper.to(8)
    assert stepper.question['ask'].endswith('What is the gradient of x?')
    assert stepper.answer('6') == 'nearly'
    assert 'they add up' in stepper.verdict['text']
    assert stepper.answer('14') == 'right'


def test_the_front_end_answers_by_message_and_troubles_are_shown():
    stepper = BackpropStepper(example()[0], quiz=True)
    sent = []
    stepper.send = lambda content, buffers=None: sent.append(content)
    stepper._on_message(stepper, {'t': 'ready'}, [])
    stepper._on_message(stepper, {'t': 'answer', 'text': '6'}, [])
    assert stepper.position == 1 and sent == []
    stepper.quiz = False
    stepper._on_message(stepper, {'t': 'answer', 'text': '6'}, [])
    assert sent[0]['t'] == 'problem' and 'Nothing is asked' in sent[0]['text']
