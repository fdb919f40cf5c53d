"""BackpropStepper: a small graph, one node at a time, forward and backward."""
import traitlets

from minichain.graph import Graph

from .arguments import flag, link_of, number
from .quiz import judge, question_of
from .walkthrough import Walkthrough, expression
from .widget import Widget, bundled


class BackpropStepper(Widget):
    """Walks through a graph: what each operation computes, then how gradients come back.

        BackpropStepper(y)              the graph behind a Variable
        BackpropStepper(f, x, w)        the graph of f(x, w), computed here: every number is known

    gy    the gradient to begin with, if y is more than one number
    link  a network whose parameters are called by their places in it: 'l1/W' in place of 'W 2'
    quiz  ask for the next number before it is shown
    pace  seconds a step while it plays

    step(), back(), to(n), play() and pause() are the buttons; `position` counts the steps done,
    text() says what the last one did, and `steps` holds all of them. Gradients of the Variables
    stay as they are. Raises GraphError where backward would, ValueError for a graph of more than
    200 operations.
    """

    _esm = bundled('backpropstepper.js')
    _css = bundled('backpropstepper.css')
    takes = {'answer': {'text': 'name'}}
    scene = traitlets.Dict().tag(sync=True)
    position = traitlets.Int(0).tag(sync=True)
    playing = traitlets.Bool(False).tag(sync=True)
    pace = traitlets.Float(1.2, min=0.1, max=10).tag(sync=True)
    quiz = traitlets.Bool(False).tag(sync=True)
    question = traitlets.Dict().tag(sync=True)
    verdict = traitlets.Dict().tag(sync=True)

    def __init__(self, of, *inputs, gy=None, link=None, quiz=False, pace=1.2):
        quiz, pace = flag(quiz, 'quiz'), number(pace, 'pace, in seconds,', 0.1, 10)
        walk = Walkthrough(of, *inputs, gy=gy, link=link_of(link))
        self.steps, self.turn, self._nodes = walk.steps, walk.turn, walk.nodes
        for step in self.steps:
            step['words'], step['names'] = expression(step), expression(step, values=False)
        super().__init__(quiz=quiz, pace=pace, scene={
            'graph': Graph(walk.nodes).to_dict(), 'steps': self.steps, 'turn': walk.turn})
        self._ask()

    def step(self):
        """Do the next step; at the end, nothing."""
        self.position = min(self.position + 1, len(self.steps))

    def back(self):
        """Undo the last step; at the start, nothing."""
        self.position = max(self.position - 1, 0)

    def to(self, n):
        """Go to where n steps are done. Raises ValueError if there are not so many."""
        if n not in range(len(self.steps) + 1):
            raise ValueError(f'There are {len(self.steps)} steps: say a whole number from 0 to '
                             f'{len(self.steps)}, not {n!r}.')
        self.position = n

    def play(self):
        """Do a step every `pace` seconds, in the browser."""
        self.playing = True

    def pause(self):
        """Stay where it is."""
        self.playing = False

    def answer(self, text):
        """Answer the question: 'right', 'nearly' or 'wrong'. After a right answer, it goes on."""
        if not self.question:
            raise ValueError('Nothing is asked at this place: switch quiz on, or do a step.')
        verdict, why = judge(question_of(self.steps[self.position]), text)
        if verdict == 'right':
            self.position += 1
        self.verdict = {'verdict': verdict, 'text': why}
        return verdict

    def text(self):
        """Where the walk is, and what the last step did."""
        counts = f'{self.turn} operations' if self.turn != 1 else '1 operation'
        head = f'BackpropStepper: {counts}, step {self.position} of {len(self.steps)}.'
        said = (self.steps[self.position - 1]['text'].partition(', ')[2] if self.position else
                'Nothing has run yet: step() runs the first operation.')
        asked = f'\nQuestion: {self.question["ask"]}' if self.question else ''
        return f'{head}\n{said}{asked}'

    def svg(self):
        return self.graph.to_svg()

    @property
    def graph(self):
        """What is drawn: the Graph, with the values and gradients that are known so far."""
        done = self.steps[:self.position]
        values = {step['node']: step['outputs'][0]['text'] for step in done
                  if step['phase'] == 'forward' and step['outputs'][0]['values'] is not None}
        nodes = [dict(node, values=values.get(node['id'])) for node in self._nodes]
        return Graph(nodes, backward=[step['light'] for step in done if step['light']])

    @traitlets.validate('position')
    def _check_position(self, proposal):
        if not 0 <= proposal['value'] <= len(self.steps):
            raise traitlets.TraitError(f'position is from 0 to {len(self.steps)}.')
        return proposal['value']

    @traitlets.observe('position', 'quiz')
    def _ask(self, change=None):
        self.verdict = {}
        waiting = self.quiz and self.position < len(self.steps)
        asked = question_of(self.steps[self.position]) if waiting else None
        self.question = {name: asked[name] for name in ('ask', 'help')} if asked else {}

    def answer_ready(self, message):
        """The traits have brought the whole state already."""

    def answer_answer(self, message):
        self.answer(message.get('text', ''))
