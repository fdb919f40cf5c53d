"""What to say about one of minichain's errors above its traceback, in JupyterLab and as text.

The message of an error holds it all; here it is taken apart: what was wanted, what came, in which
link, on which line, and what is likely to help. Sentences are written as JupyterLab's translator
wants them: %1 is the first gap. tests/test_translations.py reads them here.
"""
import re

from minichain.errors import DeviceError, DTypeError, GradientError, NumberError, ShapeError
from minichain.words import link_name

MIME = 'application/vnd.minichain.error+json'

LINK = re.compile(r" This is in the link '(?P<link>[^']*)' \((?P<type>\w+)\)\.$")
WANTS = re.compile(r'(?P<op>\w+) wants (?P<wanted>.+?), but got (?P<given>.+?)(?:: (?P<why>.+))?$')

# Why shapes do not fit: what minichain/explain.py says of them, with its gaps.
WHY = (
    (r'(\w+) has 1 axis but needs (\d+), \((.*)\)$', '%1 has 1 axis but needs %2: (%3)'),
    (r'(\w+) has (\d+) axes but needs (\d+), \((.*)\)$', '%1 has %2 axes but needs %3: (%4)'),
    (r'(\w+) has (\d+) axes but needs (\d+), \((.*)\); a single channel is x\[:, None\]$',
     '%1 has %2 axes but needs %3: (%4); for a single channel write x[:, None]'),
    (r'(\w+) is (\d+) in (\w+) and (\d+) in (\w+)$', '%1 is %2 in %3 and %4 in %5'),
    (r'counted from the last axis, axis (\d+) is (\d+) in one and (\d+) in the other$',
     'counted from the last axis, axis %1 is %2 in one and %3 in the other'),
    (r't needs one class for each row of x$', 't needs one class for each row of x'),
    (r'a single number has no axis', 'a single number has no such axis: multiply it with *'),
)

# Where it happened: what minichain/explain.py says of the user's line.
WHERE = (
    (r'^your cell, line (\d+): (.+)$', 'your cell, line %1: %2'),
    (r'^(\S+), line (\d+): (.+)$', '%1, line %2: %3'),
)

# What is wanted, where that is no formula of shapes.
WANTED = ('two of the same shape', 'whole numbers')

# What happened, of errors that are not about shapes which do not fit.
WHAT = (
    (r'There is no graph behind (.+?):', 'There is no graph behind %1, so backward() has none to '
     'walk.'),
    (r'backward\(\) starts from one number, but the shape is (.+?):',
     'backward() starts from one number, but this has the shape %1.'),
    (r'^(\w+): this part of the graph was let go by an earlier',
     '%1: an earlier backward() has let go of this part of the graph.'),
    (r'^(\w+) has kept (.+?) for backward, but an optimizer',
     '%1 has kept %2 for backward, but an optimizer has changed it since then: the gradient would '
     'be wrong.'),
    (r'^(\w+) kept (.+?) for backward, but it was changed in place',
     '%1 has kept %2 for backward, but it was changed in place since then: the gradient would be '
     'wrong.'),
    (r'^(.+) was computed: only a leaf can be told',
     '%1 was computed: only what was not can be told whether it needs a gradient.'),
    (r'No parameter has a gradient', 'No parameter of the model has a gradient.'),
    (r'^The gradient of (\w+) has (\d+) NaN of (\d+) numbers',
     'The gradient of %1 has %2 NaN among %3 numbers.'),
    (r'^(\w+) gave (\d+) NaN of (\d+) numbers', '%1 gave %2 NaN among %3 numbers.'),
    (r'^(\w+) gave (\d+) infinite of (\d+) numbers', '%1 gave %2 infinities among %3 numbers.'),
    (r'^The parameter (.+?) holds NaN or infinity after iteration (\d+)',
     'The parameter %1 holds NaN or infinity after iteration %2.'),
    (r'^A gradient needs real numbers, but the array is (\w+)',
     'A gradient needs real numbers, but the array is %1.'),
    (r'^A Variable holds numbers, but this is (\w+)', 'A Variable holds numbers, but this is %1.'),
    (r'^(\w+) takes arrays, Variables or lists of numbers, but got (\w+)',
     '%1 takes arrays, Variables or lists of numbers, but got %2.'),
    (r'^(\w+): (\w+) is (float\w+), (\w+) is (float\w+)', '%1: %2 is %3, but %4 is %5.'),
    (r'^No GPU can be used here', 'No GPU can be used here.'),
    (r'^There is no (gpu:\d+); this machine has', 'This machine has no %1.'),
    (r'^Unknown device (.+?):', 'There is no device %1.'),
    (r'^(\w+): (\w+) is on (\S+), (\w+) is on ([^\s;,]+)', '%1: %2 is on %3, but %4 is on %5.'),
    (r'^reshape: (\d+) numbers of shape (\(.*?\)) do not fill the shape (\(.*?\)), which has (\d+)',
     '%1 numbers of shape %2 do not fill the shape %3, which has %4.'),
    (r'^(\w+): there is no axis (-?\d+), only (\d+)', '%1: there is no axis %2, only %3 axes.'),
    (r'^(\w+): the filter covers (\(.*?\)) pixels, but the image has (\(.*?\)) and a padding of '
     r'(\(.*?\))',
     '%1: the filter covers %2 pixels, but the image has %3 and a padding of %4.'),
    (r'^squeeze: axis (-?\d+) of shape (\(.*?\)) has length (\d+)',
     'Axis %1 of the shape %2 has length %3, so it cannot be taken away.'),
    (r'^split: an axis of length (\d+) has no (\d+) equal parts',
     'An axis of length %1 has no %2 equal parts.'),
    (r'^MultiHeadAttention: (\d+) numbers do not divide into (\d+) heads',
     '%1 numbers do not divide into %2 heads.'),
    (r'^gy has the shape (\(.*?\)), but y has (\(.*?\))',
     'gy has the shape %1, but y has the shape %2.'),
    (r'^The gradient of (.+?) is (\w+), but the parameter is (\w+):',
     'The gradient of %1 is %2, but the parameter is %3.'),
    (r'^The loss is (\w+), not a Variable', 'The loss is %1, not a Variable.'),
    (r'^(.+) was computed on (\S+);', '%1 was computed on %2, so it cannot be moved.'),
    (r'^(\w+): backward gave a gradient of shape (\(.*?\)) for an input of shape (\(.*?\))',
     '%1: backward gave a gradient of shape %2 for an input of shape %3.'),
    (r'^(\w+): the gradients that backward gives are (\d+), the inputs (\d+)',
     '%1: backward gives %2 gradients for %3 inputs.'),
    (r'^The derivative by (.+?), whose shape is (.+?), is wrong: along a random direction finite '
     r'differences give (\S+), backward gives (\S+)\.$',
     'The derivative by %1, whose shape is %2, is wrong: finite differences give %3, backward '
     'gives %4.'),
    (r'has no target yet', 'The optimizer does not know the model yet.'),
    (r'an operation object is used once', 'An operation object is used once.'),
    (r'^This is no JSON', 'This is no JSON.'),
)

# What helps, by what the sentence of the error says. The first that is found is taken.
ADVICE = (
    (r'^linear wants .*\bI is (\d+) in x\b',
     'The layer was made for another number of inputs. Make it for %1, or leave the number of '
     'inputs out: L.Linear(outputs) finds it out by itself.'),
    (r'\bx has (\d+) channels?\b',
     'The filters were made for another number of channels. Make the layer for %1, or leave the '
     'number out: L.Conv2d(outputs, ksize=...) finds it out by itself.'),
    (r'\bC is (\d+) in x\b',
     'Make the layer for %1 channels, or leave the number out: it is found out by itself.'),
    (r'needs (\d+), \(',
     'Give the array %1 axes: x.reshape(...), or x[None] for one more in front.'),
    (r'counted from the last axis',
     'Two shapes fit where, from the last axis on, sizes are equal or one of them is 1. Print both '
     'shapes; reshape or transpose one of them.'),
    (r'let go by an earlier backward',
     'Run the cell that computes the result again, and then this one.'),
    (r'starts from one number', 'Make one number of the result first: F.sum(...) or F.mean(...).'),
    (r'There is no graph behind',
     'Compute it again where a graph is recorded: outside of mc.no_grad() and mc.test_mode(), from '
     'a Parameter or from a Variable with requires_grad=True.'),
    (r'No parameter has a gradient', 'Call loss.backward() before optimizer.update().'),
    (r'an optimizer has changed', 'Call backward() before update(), or compute the result again.'),
    (r'changed in place', 'Compute a new array: y = y + 1 in the place of y += 1.'),
    (r'only a leaf can be told', 'Use detach() to cut it off from what computed it.'),
    (r'no target yet', 'Write optimizer.setup(model) first.'),
    (r'is used once', 'Make a new one for each use: Softsign().apply(x).'),
    (r'takes arrays, Variables or lists', 'Print what goes into this operation, and its type.'),
    (r'No GPU can be used', "Go on with device='cpu'; the command Doctor says what is missing."),
    (r'Unknown device|There is no gpu:', "Say 'cpu', 'gpu', 'gpu:1' or 'auto'."),
    (r'do not fill the shape', 'One of the sizes may be -1: it is found out by itself.'),
    (r'there is no axis', 'Axes count from 0; the last one is -1.'),
    (r'the filter covers', 'Make ksize smaller or pad larger, or leave out a pooling before it.'),
    (r'one class for each row', 'Print x.shape and t.shape: both must have the same first number.'),
)
BY_TYPE = (
    (ShapeError,
     'Print the shapes one line before this one, and compare them with what is wanted.'),
    (DTypeError, "Change the type with .astype('float32') (or 'int64' for labels and ids)."),
    (DeviceError, 'Bring model and data to one device with .to_device(...).'),
    (GradientError,
     'Compare what backward gives with the formula, on an input of one or two numbers.'),
    (NumberError,
     'Look at the inputs of this operation: a logarithm or a division of zero, a value that grew '
     'too large, a learning rate that is too high.'),
)

# What minichain/find_gpu.py says of the GPU.
GPU = (
    (r'^(\d+) GPUs?: (.+)\.$', '%1 GPU: %2.'),
    (r'^CuPy is not installed: (.+)\.$', 'CuPy is not installed: %1.'),
    (r'^Several CuPy packages are installed \((.+?)\)',
     'Several CuPy packages are installed, which break each other: %1.'),
    (r'^CuPy is installed, but the module (\S+) that it needs is missing',
     'CuPy is installed, but the module %1 that it needs is missing.'),
    (r'^The installation of (\S+) is broken', 'The installation of %1 is broken.'),
    (r'^The NVIDIA driver shows no GPU', 'The NVIDIA driver shows no GPU.'),
    (r'^(.+) is installed, but this machine has no NVIDIA driver\.$',
     '%1 is installed, but this machine has no NVIDIA driver.'),
    (r'^The NVIDIA driver is for CUDA (\S+), but (.+) needs CUDA (\d+)',
     'The NVIDIA driver is for CUDA %1, but %2 needs CUDA %3.'),
    (r'^(.+) cannot use the NVIDIA driver for CUDA (\S+):',
     '%1 cannot use the NVIDIA driver for CUDA %2.'),
    (r'^(.+) finds the GPU but cannot compute on it', '%1 finds the GPU but cannot compute on it.'),
    (r'^(.+) computes wrongly on this GPU', '%1 computes wrongly on this GPU.'),
    (r'^CuPy fails on this machine', 'CuPy fails on this machine.'),
)

READ_IT = 'The message of the error says it in its last part.'


class Explanation:
    """An error of minichain in parts. Shows itself where JupyterLab has minichain's extension.

    what, why, where, advice   sentences: [text with gaps, what fills them ...]; all but the last
                               may be []
    node, run    the operation of the live graph that stands nearest before the error, and in which
                 picture; None if there is none
    """

    def __init__(self, error, node=None, run=None):
        sentence, _, where = str(error).partition('\n  at ')
        found = LINK.search(sentence)
        self.kind = type(error).__name__
        self.link = link_name(found['link'], found['type']) if found else ''
        self.sentence = sentence[:found.start()] if found else sentence
        parts = WANTS.match(self.sentence.rstrip('.'))
        self.where = first_match(WHERE, where) or [where] * bool(where)
        self.wanted = parts['wanted'] if parts else ''
        self.given = parts['given'] if parts else ''
        reason = (parts['why'] or '') if parts else ''
        self.why = first_match(WHY, reason) or [reason] * bool(reason)
        self.what = first_match(WHAT, self.sentence) or []
        self.advice = advice(error, self.sentence)
        self.node, self.run = node, run

    def to_dict(self):
        """The parts as JSON, for the renderer."""
        return {'format': 'minichain-error', 'version': 3, **vars(self)}

    def __repr__(self):
        lines = [f'{self.kind} explained']
        if self.wanted:
            lines += [f'  wanted:  {self.wanted}', f'  given:   {self.given}']
        if self.why:
            lines.append(f'  because: {filled(self.why)}')
        if self.link:
            lines.append(f'  in link: {self.link}')
        return '\n'.join([*lines, f'  to try:  {filled(self.advice)}'])

    def _repr_mimebundle_(self, **kwargs):
        return {'text/plain': repr(self), MIME: self.to_dict()}


def advice(error, sentence):
    """What is likely to help, in a sentence or two with their gaps."""
    by_type = next((words for kind, words in BY_TYPE if isinstance(error, kind)), READ_IT)
    return first_match(ADVICE, sentence) or [by_type]


def gpu_sentence(status):
    """What gpu_status() says, in short, as a sentence and what fills its gaps."""
    return first_match(GPU, status) or [status]


def first_match(table, text):
    """[sentence, what fills its gaps ...] of the first pattern in the table that fits; or None."""
    for pattern, words in table:
        found = re.search(pattern, text)
        if found:
            return [words, *found.groups()]
    return None


def note(sentence):
    """The message that shows a sentence in the line under a picture."""
    return {'t': 'note', 'text': filled(sentence), 'words': sentence}


def filled(sentence):
    """A sentence with its gaps filled."""
    text, *values = sentence
    return re.sub(r'%(\d)', lambda gap: values[int(gap[1]) - 1], text)
