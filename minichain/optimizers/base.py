"""What all optimizers share: the parameters, a state for each of them, and the loop over them."""
from ..errors import GraphError
from ..observe import watching


class Optimizer:
    """Changes the parameters of a link, once backward has found their gradients.

        optimizer = Adam(lr=0.01).setup(model)
        ...
        model.cleargrads()
        loss.backward()
        optimizer.update()

    A subclass says in `rule(param, gradient, state)` how one parameter changes, in place.
    """

    target = None

    def __init__(self):
        self.t = 0          # how many updates there were
        self.states = {}    # what is remembered of each parameter, by its path

    def setup(self, link):
        """Say whose parameters to change. Returns the optimizer itself."""
        self.target, self.t, self.states = link, 0, {}
        return self

    def update(self, lossfun=None, *args, **options):
        """Change every parameter that has a gradient, by one step.

        lossfun  if given, first compute lossfun(*args), clear the gradients and run backward
        Raises GraphError before `setup`, or if no parameter has a gradient: then nothing changes.
        """
        if self.target is None:
            raise GraphError(f'{type(self).__name__} has no target yet: call setup(model) first.')
        if lossfun is not None:
            loss = lossfun(*args, **options)
            self.target.cleargrads()
            loss.backward()
        ready = [(path, param) for path, param in self.target.namedparams()
                 if param.grad is not None]
        if not ready:
            raise GraphError('No parameter has a gradient: call loss.backward() before update(), '
                             'and compute the loss with this model, outside of no_grad.')
        self.t += 1
        for path, param in ready:
            self.rule(param.data, param.grad, self.states.setdefault(path, {}))
            for tell in watching.on_update:
                tell(param)

    def rule(self, data, grad, state):
        """Change one parameter's array in place. `state` is a dict of its own that stays."""
        raise NotImplementedError(f'{type(self).__name__} has no rule.')
