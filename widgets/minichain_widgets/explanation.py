"""What to say about one of minichain's errors under its traceback, in JupyterLab and as text.

The message of an error holds it all; here it is taken apart: what was wanted, what came, in which
link, on which line, and what is likely to help.
"""
import re

from minichain import DeviceError, DTypeError, GraphError, NumberError, ShapeError

MIME = 'application/vnd.minichain.error+json'

LINK = re.compile(r" This is in the link '(?P<link>[^']*)' \((?P<type>\w+)\)\.$")
WANTS = re.compile(r'(?P<op>\w+) wants (?P<wanted>.+?), but got (?P<given>.+?)(?:: (?P<why>.+))?$')

# What helps, by what the sentence of the error says. The first that is found is taken.
ADVICE = (
    (r'^linear wants .*\bI is (\d+) in x\b',
     'The layer was made for another number of inputs. Make it for {0}, or leave the number of '
     'inputs out: L.Linear(outputs) finds it out by itself.'),
    (r'\bx has (\d+) channels?\b',
     'The filters were made for another number of channels. Make the layer for {0}, or leave the '
     'number out: L.Conv2d(outputs, ksize=...) finds it out by itself.'),
    (r'\bC is (\d+) in x\b',
     'Make the layer for {0} channels, or leave the number out: it is found out by itself.'),
    (r'needs (\d+), \(',
     'Give the array {0} axes: x.reshape(...), or x[None] for one more in front.'),
    (r'counted from the last axis',
     'Two shapes fit where, from the last axis on, sizes are equal or one of them is 1. Print both '
     'shapes; reshape or transpose one of them.'),
    (r'one class for each row', 'Print x.shape and t.shape: both must have the same first number.'),
)
BY_TYPE = (
    (ShapeError,
     'Print the shapes one line before this one, and compare them with what is wanted.'),
    (DTypeError, "Change the type with .astype('float32') (or 'int64' for labels and ids)."),
    (DeviceError, 'Bring model and data to one device with .to_device(...).'),
    (NumberError,
     'Look at the inputs of this operation: a logarithm or a division of zero, a value that grew '
     'too large, a learning rate that is too high.'),
    (GraphError, 'Run the cell that computes the result again, and then this one.'),
)


class Explanation:
    """An error of minichain in parts. Shows itself where JupyterLab has minichain's extension.

    node, run  the operation of the live graph that stands nearest before the error, and in which
               picture; None if there is none
    """

    def __init__(self, error, node=None, run=None):
        sentence, _, self.where = str(error).partition('\n  at ')
        link = LINK.search(sentence)
        self.kind = type(error).__name__
        self.link = getattr(error, 'link', None) or ''
        self.sentence = sentence[:link.start()] if link else sentence
        parts = WANTS.match(self.sentence.rstrip('.'))
        self.wanted = parts['wanted'] if parts else ''
        self.given = parts['given'] if parts else ''
        self.why = (parts['why'] or '') if parts else ''
        self.advice = advice(error, self.sentence)
        self.node, self.run = node, run

    def to_dict(self):
        """The parts as JSON, for the renderer."""
        return {'format': 'minichain-error', 'version': 1, **vars(self)}

    def __repr__(self):
        lines = [f'{self.kind} explained']
        if self.wanted:
            lines += [f'  wanted:  {self.wanted}', f'  given:   {self.given}']
        if self.why:
            lines.append(f'  because: {self.why}')
        if self.link:
            lines.append(f'  in link: {self.link}')
        return '\n'.join([*lines, f'  to try:  {self.advice}'])

    def _repr_mimebundle_(self, **kwargs):
        return {'text/plain': repr(self), MIME: self.to_dict()}


def advice(error, sentence):
    """What is likely to help, in a sentence or two."""
    for pattern, words in ADVICE:
        found = re.search(pattern, sentence)
        if found:
            return words.format(*found.groups())
    return next((words for kind, words in BY_TYPE if isinstance(error, kind)),
                'Read the last line of the message: it says what to try.')
