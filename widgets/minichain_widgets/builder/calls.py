"""What calls in code give: functions, links, and objects of classes in the code."""
import ast

from . import plain
from .blocks import shown
from .facts import DEEP, KNOWN
from .follow import Follower, Result
from .objects import (OBJECTS, Closure, Declared, Defined, Instance, Items, Known, Method, copied,
                      declared)
from .syntax import at

CONTAINERS = {'Chain': False, 'ChainList': False, 'Sequential': True}


class Caller(Follower):
    """Goes through code with calls."""

    # Calls ----------------------------------------------------------------------------------------

    def apply(self, node, callee, positional, named):
        """What a call gives."""
        self.count(node)
        if isinstance(callee, Known):
            return self.known_call(node, callee.name, positional, named)
        if isinstance(callee, Defined):
            return self.instance(node, callee, positional, named)
        if isinstance(callee, Method):
            return self.method(node, callee, positional, named)
        if isinstance(callee, Closure):
            names = dict(callee.names)
            names.update(self.bound(node, callee.arguments, positional))
            return self.value(callee.body, names)
        if isinstance(callee, Declared):
            return self.link(node, callee, positional, named)
        if isinstance(callee, Items) and callee.in_turn and len(positional) == 1:
            return self.in_turn(node, callee.items, positional[0])
        if isinstance(callee, Instance):
            return self.forward(node, callee, positional)
        raise at(node, f'{called(node)} is nothing that the builder can call.')

    def bound(self, node, arguments, values):
        if len(arguments) != len(values):
            raise at(node, f'this takes {len(arguments)} values, but {len(values)} are given.')
        return dict(zip(arguments, values))

    def in_turn(self, node, items, value):
        for item in items:
            value = self.apply(node, item, [value], {})
        return value

    def known_call(self, node, name, positional, named):
        """A function of F, a class of L, or a function such as range."""
        owner, _, last = name.rpartition('.')
        if owner == 'F' and positional:
            return self.function(node, last, positional, named)
        if owner in ('L', 'mc') and last in (*KNOWN, *DEEP):
            return declared(node, last, positional, named)
        if owner in ('L', 'mc') and last in CONTAINERS:
            made = Items(positional, CONTAINERS[last])
            if last == 'Chain' or named:
                raise at(node, f'the builder reads a {last} as a class of its own here.')
            return made
        if name in ('getattr', 'setattr') and len(positional) > 1 and isinstance(
                positional[0], Instance) and isinstance(positional[1], str):
            if name == 'getattr':
                return self.attribute(node, *positional[:2])
            return self.attach(node, *positional)
        if name in plain.BUILTINS and not named:
            return plain.called(node, name, [
                value if plain.is_number(value) or isinstance(value, str)
                else self.listed(node, value) for value in positional])
        raise at(node, f'{called(node)} is '
                 + (f'no link that the builder knows. It knows {", ".join((*KNOWN, *DEEP))}.'
                    if owner in ('L', 'mc') else
                    'nothing that the builder knows; it knows the links of self and functions '
                    'of F.'))

    def method(self, node, method, positional, named):
        """value.name(...)"""
        owner, name = method.owner, method.name
        if self.is_flow(owner):
            return self.flow_method(node, name, owner, positional, named)
        if isinstance(owner, Instance) and name in owner.methods:
            return self.body(node, owner, owner.methods[name], positional, named)
        if name == 'reset_state' and not positional:
            return None
        if name == 'copy' and isinstance(owner, OBJECTS) and not positional:
            return copied(owner)
        if name == 'append' and isinstance(owner, list):
            return owner.append(*positional)
        if name in ('append', 'add_link') and isinstance(owner, (Items, Instance)):
            if name == 'add_link' and len(positional) == 2:
                return self.attach(node, owner, *positional)
            owner.items += positional
            return owner
        if name == 'repeat' and isinstance(owner, OBJECTS) and positional:
            if 'share' in (*positional[1:], *named.values()):
                raise at(node, 'links that are shared are used more than once; in the picture each '
                               'block has weights of its own.')
            times = plain.called(node, 'range', positional[:1])
            return Items([copied(owner) for _ in times], True)
        if name == 'children' and isinstance(owner, Instance):
            return [*owner.attributes.values(), *owner.items]
        raise at(node, f'{called(node)} is nothing that the builder knows; it '
                       'knows the links of self and functions of F.')

    # Objects --------------------------------------------------------------------------------------

    def instance(self, node, defined, positional, named):
        """An object of a class of the code, with what its __init__ makes."""
        methods = {part.name: part for part in defined.definition.body
                   if isinstance(part, ast.FunctionDef)}
        made = Instance(defined.definition, methods, defined.base)
        if '__init__' in methods:
            self.body(node, made, methods['__init__'], positional, named)
        elif defined.base != 'Chain':
            made.items += positional
        return made

    def base_init(self, node, names):
        """super().__init__(...)"""
        owner = names.get('self')
        if not isinstance(owner, Instance) or not ast.unparse(node.func).endswith('.__init__'):
            raise at(node, f'{shown(ast.unparse(node))} is nothing that the builder can draw.')
        for argument in node.args:
            owner.items += (self.items(argument.value, names) if isinstance(argument, ast.Starred)
                            else [self.value(argument, names)])
        for keyword in node.keywords:
            self.attach(node, owner, keyword.arg, self.value(keyword.value, names))

    def body(self, node, owner, method, positional, named):
        """What a method gives."""
        arguments = method.args
        wanted = [argument.arg for argument in arguments.args][1:]
        if arguments.vararg or arguments.kwonlyargs or arguments.kwarg:
            raise at(method, f'{method.name} takes its values one by one here, without *.')
        names = dict(zip(wanted[len(wanted) - len(arguments.defaults):],
                         [self.value(default, {}) for default in arguments.defaults]))
        if len(positional) > len(wanted) or set(named) - set(wanted):
            raise at(node, f'{owner.definition.name}.{method.name} takes '
                           f'{", ".join(wanted) or "nothing"}.')
        names.update(zip(wanted, positional))
        names.update(named)
        missing = [name for name in wanted if name not in names]
        if missing:
            raise at(node, f'{owner.definition.name} needs {missing[0]}: write the number into '
                           f'the code, such as model = {owner.definition.name}(10).')
        names['self'] = owner
        try:
            self.lines(method.body, names)
        except Result as result:
            return result.value
        return None

    def forward(self, node, owner, positional):
        """What happens to values in the forward of an object."""
        if 'forward' not in owner.methods:
            if owner.base == 'Sequential' and len(positional) == 1:
                return self.in_turn(node, owner.items, positional[0])
            raise at(owner.definition, f'the class {owner.definition.name} has no forward.')
        method = owner.methods['forward']
        found = self.body(node, owner, method, positional, {})
        if found is None:
            raise at(method, 'forward returns nothing; it has to end with: return h')
        return found


def called(node):
    """What a call calls, as it is named in a sentence."""
    return shown(ast.unparse(getattr(node, 'func', node)))
