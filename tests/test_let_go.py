"""What was closed is let go of: a widget with its arrays and nets, once nobody else holds it."""
import gc
import pathlib
import sys
import weakref

import pytest

pytest.importorskip('anywidget', reason='minichain[lab] is not installed')
sys.path.insert(0, str(pathlib.Path(__file__).with_name('browser')))

import test_accessibility       # noqa: E402  (the folder is no package)


@pytest.mark.parametrize('name', test_accessibility.WIDGETS)
def test_a_closed_widget_is_let_go_of(name):
    names = {}
    exec(test_accessibility.BEGIN, names)
    *before, last = test_accessibility.WIDGETS[name].splitlines()
    exec('\n'.join(before), names)
    widget = eval(last, names)
    widget._repr_mimebundle_()
    widget._handle_custom_msg({'t': 'ready'}, [])
    widget.close()
    closed = weakref.ref(widget)
    names.clear()
    del widget
    gc.collect()
    assert closed() is None
