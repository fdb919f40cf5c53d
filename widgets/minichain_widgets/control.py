"""What the buttons of JupyterLab ask of a kernel: switches, devices, and a graph by its name.

A front end's message may arrive while a cell runs, in another thread. What it asks for waits then:
a switch until the program applies its next operation, the rest until the cell has ended.
"""
import collections
import threading

import minichain as mc
from minichain import Link, Variable
from minichain.errors import MinichainError
from minichain.graph import Graph

from .explanation import gpu_sentence, note

SWITCHES = ('record', 'train', 'debug')
MOST_NAMES = 100        # variables and models that a menu offers
MOST_NODES = 20_000     # of a graph that is sent as a whole

NO_LOSS = 'No variable of yours holds a loss: one number that was computed.'
NO_RESULT = '%1 is no result of a computation any more.'
TOO_LARGE = 'The graph of %1 has %2 nodes; at most %3 can be shown.'

try:
    import psutil
except ImportError:     # in a browser
    psutil = None


class Control:
    """The other end of the buttons. All but `ask` belongs to the thread that runs the cells.

    names  the user's variables, a dict
    send   sends a message to the front end
    """

    TAKES = {'set': {'switch': 'name', 'on': 'flag'}, 'move': {'model': 'name', 'device': 'name'},
             'names': {}, 'pick': {'what': 'name', 'name': 'name?'}}

    def __init__(self, names, send):
        self.names = names
        self.send = send
        self.switches = {}                      # wanted by the front end, not yet in force
        self._waiting = collections.deque()     # messages that wait for the end of the cell
        self._told = None
        self._thread = threading.get_ident()

    def ask(self, message, busy):
        """Take a message of the front end, from any thread; `busy` while a cell runs."""
        here = threading.get_ident() == self._thread
        if message['t'] == 'set' and message.get('switch') in SWITCHES:
            self.switches[message['switch']] = bool(message.get('on'))
            if here:
                self.turn()
        elif message['t'] != 'set':
            self._waiting.append(message)
        if here and not busy:
            self.settle()

    def turn(self):
        """Put wanted switches in force, for the operations that follow."""
        for name, on in list(self.switches.items()):
            setattr(mc.config, name, on)

    def settle(self):
        """The cell has ended: do all that waits, and tell what is in force."""
        # Once more: a block of using_config() that ended meanwhile has put the old values back.
        self.turn()
        self.switches.clear()
        while self._waiting:
            message = self._waiting.popleft()
            try:
                getattr(self, f'_{message["t"]}')(message)
            except (MinichainError, RuntimeError, ValueError) as error:
                self.send({'t': 'note', 'text': str(error).splitlines()[0]})
        self.tell()

    def tell(self, anyway=False):
        """Send what is in force, if it has changed."""
        mode = self.mode()
        if anyway or mode != self._told:
            self._told = mode
            self.send(mode)

    def mode(self):
        """The `mode` message: the switches, and the device of the model that was made last."""
        models = self._mine(Link)[-MOST_NAMES:]
        device = str(models[-1][1].device) if models else 'cpu'
        return {'t': 'mode', **{name: bool(getattr(mc.config, name)) for name in SWITCHES},
                'device': device, 'memory': memory(device),
                'models': [[name, str(link.device)] for name, link in models]}

    def _mine(self, kind):
        """The user's own names for things of a kind, newest last."""
        return [(name, value) for name, value in list(self.names.items())
                if isinstance(value, kind) and not name.startswith('_')]

    def _results(self):
        return [(name, y) for name, y in self._mine(Variable) if y.creator is not None]

    def _names(self, message):
        """Send what a menu offers: results by name, and devices. Only now is a GPU looked for."""
        found = self._results()[-MOST_NAMES:]
        devices = ['cpu', 'gpu:0'] if mc.gpu_available() else ['cpu']
        self.send({'t': 'names', 'names': [[name, list(y.shape)] for name, y in found],
                   'devices': devices, 'gpu': gpu_sentence(mc.gpu_status())})

    def _pick(self, message):
        """Send the graph behind a Variable: that of a name, or of the last loss."""
        results = self._results()
        if message.get('what') == 'loss':
            results = sorted(((name, y) for name, y in results if y.data.size == 1),
                             key=lambda result: result[1].creator.order)[-1:]
            missing = [NO_LOSS]
        else:
            results = [result for result in results if result[0] == message.get('name')]
            missing = [NO_RESULT, str(message.get('name'))]
        if not results:
            self.send(note(missing))
            return
        name, y = results[0]
        graph = Graph.of(y, title=name)
        if len(graph) > MOST_NODES:
            self.send(note([TOO_LARGE, name, f'{len(graph):,}', f'{MOST_NODES:,}']))
            return
        self.send({'t': 'picked', 'name': name, 'graph': graph.to_dict()})

    def _move(self, message):
        """Move a model to another device; its optimizer follows with the next update."""
        models = dict(self._mine(Link))
        model = models.get(message.get('model'))
        if model is not None:
            model.to_device(str(message.get('device')))


def memory(device):
    """Bytes that are used on a device: by this process on the CPU; None if nobody knows."""
    if device != 'cpu':
        used = mc.get_device(device).memory()
        return None if used is None else used.used
    if psutil is None:
        return None
    # In steps of a megabyte, so that it is told only when it matters.
    return psutil.Process().memory_info().rss // 2**20 * 2**20
