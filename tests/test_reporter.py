"""Reports, and what is made of them."""
import gc
import weakref

import numpy as np
import pytest

import minichain as mc
import minichain.functions as F
import minichain.links as L


def test_values_carry_the_name_of_who_reports():
    model = mc.Chain(a=mc.Chain(b=L.Linear(1, 1)))
    reporter = mc.Reporter()
    reporter.add_link('main', model)
    reporter.add_observer('other', reporter)
    with reporter:
        mc.report({'x': 1, 'y': 2})
        mc.report({'x': 3}, model)
        mc.report({'x': 4}, model.a.b)
        mc.report({'x': 5}, reporter)
        with pytest.raises(KeyError, match='add_observer'):
            mc.report({'x': 6}, object())
    mc.report({'x': 7})
    assert reporter.observation == {'x': 1, 'y': 2, 'main/x': 3, 'main/a/b/x': 4, 'other/x': 5}


def test_a_part_of_a_model_can_be_the_root_of_names():
    model = mc.Chain(a=mc.Chain(b=L.Linear(1, 1)))
    reporter = mc.Reporter()
    reporter.add_link('', model.a)
    with reporter:
        mc.report({'x': 4}, model.a.b)
    assert reporter.observation == {'b/x': 4}


def test_a_scope_collects_elsewhere():
    reporter, found = mc.Reporter(), {}
    with reporter:
        with mc.report_scope(found):
            mc.report({'x': 1})
        mc.report({'y': 2})
        assert mc.get_current_reporter() is reporter
    assert (found, reporter.observation) == ({'x': 1}, {'y': 2})
    assert mc.get_current_reporter() is None


def test_a_report_keeps_no_graph():
    reporter = mc.Reporter()
    loss = F.sum(mc.Variable(np.ones(3, 'f')) * 2)
    graph = weakref.ref(loss.creator)
    gc.disable()
    try:
        with reporter:
            mc.report({'loss': loss})
        del loss
        assert graph() is None
    finally:
        gc.enable()
    assert float(reporter.observation['loss']) == 6


def test_summaries(device):
    numbers = [3.0, 1.5, -2.0]
    summary, named = mc.Summary(), mc.DictSummary()
    for x in numbers:
        array = device.xp.asarray(np.float32(x))
        summary.add(array)
        named.add({'x': array, 'v': mc.Variable(array), 'number': x, 'pair': (x, 2), 'text': 'no',
                   'vector': device.xp.ones(3)})
    mean, deviation = summary.make_statistics()
    assert float(mean) == pytest.approx(np.mean(numbers))
    assert float(deviation) == pytest.approx(np.std(numbers))
    found = named.make_statistics()
    names = ('x', 'v', 'number', 'pair')
    assert set(found) == {name + end for name in names for end in ('', '.std')}
    assert float(found['pair']) == pytest.approx(np.mean(numbers))
    again = mc.DictSummary(named.state())
    assert {name: float(value) for name, value in again.make_statistics().items()} == {
        name: float(value) for name, value in found.items()}


def test_weights_count():
    summary = mc.Summary()
    summary.add(1.0, 3)
    summary.add(5.0, 1)
    assert summary.compute_mean() == 2


def classify(*args, **options):
    classifier = L.Classifier(L.Linear(2, 3), **options.pop('made', {}))
    reporter = mc.Reporter()
    reporter.add_link('main', classifier)
    with reporter:
        loss = classifier(*args, **options)
    return classifier, loss, reporter.observation


def test_a_classifier_reports_loss_and_accuracy():
    x, t = np.ones((4, 2), 'f'), np.array([0, 1, 2, 0])
    classifier, loss, found = classify(x, t)
    y = classifier.predictor(x)
    assert loss.item() == F.softmax_cross_entropy(y, t).item()
    assert {name: float(value) for name, value in found.items()} == {
        'main/loss': loss.item(), 'main/accuracy': F.accuracy(y, t).item()}
    assert classifier.loss is loss and classifier.y.shape == (4, 3)


def test_a_classifier_takes_the_label_from_where_it_is_told():
    x, t = np.ones((4, 2), 'f'), np.array([0, 1, 2, 0])
    wanted = None
    for made, args, options in (({'label_key': 0}, (t, x), {}),
                                ({'label_key': 't'}, (x,), {'t': t})):
        mc.set_seed(0)
        _, loss, _ = classify(*args, made=made, **options)
        wanted = wanted or loss.item()
        assert loss.item() == wanted
    with pytest.raises(ValueError, match="no label 5 among 2 arguments"):
        classify(x, t, made={'label_key': 5})
    with pytest.raises(TypeError, match='label_key'):
        L.Classifier(None, label_key=1.5)


def test_a_classifier_can_have_another_loss_and_no_accuracy():
    classifier = L.Classifier(L.Linear(2, 1), F.mean_squared_error)
    classifier.compute_accuracy = False
    assert classifier(np.ones((4, 2), 'f'), np.ones((4, 1), 'f')).shape == ()
    assert classifier.accuracy is None
