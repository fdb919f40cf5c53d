"""What all widgets share: messages by name, troubles that are shown, a text and a picture."""
import hashlib
import html
import json
import pathlib
import traceback

import anywidget

from minichain.errors import MinichainError
from minichain.explain import place_of

from .messages import problem_of
from .places import is_students

STATIC = pathlib.Path(__file__).parent / 'static'
# Their texts are sentences already; of other errors the kind is told, too.
SPOKEN = (MinichainError, ValueError, TypeError)


def bundled(name: str) -> str:
    """A built file of the front end, as text.

    Given a path, anywidget would watch it, and hold every widget that was ever made, with its
    arrays and nets, to tell it of changes.
    """
    text = (STATIC / name).read_text('utf-8')
    return loaded_once(text) if name.endswith('.js') else text


def loaded_once(bundle: str) -> str:
    """A module that finds a bundle in the page, or brings it if it is the first.

    anywidget loads a module for each widget, and a page never forgets one, nor what it has compiled
    of it. This one has little to compile: a text that no function asks for stays a text.
    """
    return f"""const bundles = globalThis[Symbol.for('minichain')] ??= new Map();
const key = '{hashlib.sha256(bundle.encode()).hexdigest()}';
const text = () => {json.dumps(bundle)};
const load = () => import(URL.createObjectURL(new Blob([text()], {{ type: 'text/javascript' }})));
if (!bundles.has(key)) bundles.set(key, load());
export default (await bundles.get(key)).default;
"""


class Widget(anywidget.AnyWidget):
    """A widget of minichain.

    A subclass names its bundle, `_esm = bundled('name.js')`, `_css = bundled('name.css')`, and has

    text()              what one sees, in words: for `repr`, terminals and screen readers
    svg()               the same as a still picture, kept in a saved notebook
    takes               the fields of the messages that the front end sends, see messages.py
    answer_NAME(message)    what is done about a message {'t': NAME} of the front end;
                        answer_ready has to send the whole state

    What an answer raises is shown in the widget as a sentence, and the state should be as before:
    check first, change then.
    """

    takes = {}

    def __init__(self, **traits):
        super().__init__(**traits)
        self.on_msg(self._on_message)

    def text(self) -> str:
        raise NotImplementedError(f'{type(self).__name__} needs a method text().')

    def svg(self) -> str:
        raise NotImplementedError(f'{type(self).__name__} needs a method svg().')

    def tell(self, kind: str, buffers=None, **content):
        """Send the front end a message {'t': kind, ...}."""
        self.send({'t': kind, **content}, buffers)

    def problem(self, error):
        """Show what went wrong, an exception or a sentence, in the widget."""
        self.tell('problem', text=sentence(error) if isinstance(error, Exception) else error)

    def __repr__(self) -> str:
        return self.text()

    def _repr_mimebundle_(self, **kwargs):
        bundle = super()._repr_mimebundle_(**kwargs)
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        if data is not None:
            data['text/plain'] = self.text()
            data['image/svg+xml'] = self.svg()
        return bundle

    def answer_still(self, message):
        """What a notebook that is saved now should show where no kernel runs."""
        self.tell('still', text=self.text(), svg=self.svg())

    def _on_message(self, widget, message, buffers):
        wrong = problem_of(message, {'ready': {}, 'still': {}, **self.takes})
        if wrong:
            self.problem(f'{type(self).__name__} refused what came from the page. {wrong}')
        else:
            self._hear(message)

    def _hear(self, message):
        """Do what a message asks for; it fits the schema."""
        try:
            getattr(self, f'answer_{message["t"]}')(message)
        except Exception as error:      # in a callback, nobody else would see it
            self.problem(error)


def sentence(error: Exception) -> str:
    """An error in words. Of one that is not ours also where: in the student's innermost line."""
    text = str(error) or type(error).__name__
    if isinstance(error, SPOKEN):
        return text
    frames = traceback.extract_tb(error.__traceback__)
    theirs = [frame for frame in frames if is_students(frame.filename)]
    place = ''
    for frame in (theirs or frames)[-1:]:
        place = f' ({place_of(frame.filename)}, line {frame.lineno})'
    return f'{type(error).__name__}: {text}{place}'


def escape(text) -> str:
    """Text for inside of markup or an attribute."""
    return html.escape(str(text), quote=True)
