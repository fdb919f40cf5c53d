"""A network with its loss: what a trainer trains."""
from .. import functions as F
from ..reporter import report
from .link import Chain


class Classifier(Chain):
    """Calls a network, and compares what it says with the right answers.

    predictor  the network
    lossfun    a function of (y, t), whose value is to become small
    accfun     a function of (y, t) that is reported only; nothing if `compute_accuracy` is False
    label_key  which argument is t: its number, or its name among the keyword arguments

    (x, t) -> the loss, reported as 'loss' beside 'accuracy'. y, loss and accuracy of the last call
    are attributes. Raises TypeError for a label_key that is neither a number nor a name, ValueError
    where a call has no such argument.
    """

    compute_accuracy = True

    def __init__(self, predictor, lossfun=F.softmax_cross_entropy, accfun=F.accuracy, label_key=-1):
        super().__init__()
        if not isinstance(label_key, (int, str)):
            raise TypeError(f'label_key is a number or a name, not {label_key!r}.')
        self.lossfun, self.accfun, self.label_key = lossfun, accfun, label_key
        self.y = self.loss = self.accuracy = None
        with self.init_scope():
            self.predictor = predictor

    def forward(self, *args, **options):
        args, key = list(args), self.label_key
        given = options if isinstance(key, str) else args
        try:
            t = given.pop(key)
        except (IndexError, KeyError):
            raise ValueError(f'Classifier: there is no label {key!r} among '
                             f'{len(args)} arguments and {sorted(options)}.') from None
        self.y = self.loss = self.accuracy = None       # let go of the last graph first
        self.y = self.predictor(*args, **options)
        self.loss = self.lossfun(self.y, t)
        report({'loss': self.loss}, self)
        if self.compute_accuracy:
            self.accuracy = self.accfun(self.y, t)
            report({'accuracy': self.accuracy}, self)
        return self.loss
