"""Goes through code in thought, line by line: loops over known lengths, questions whose answer is
known. What calls give, and what happens to x, is said by the classes that build on this one.
"""
import ast
import builtins

from . import plain
from .blocks import BuildError, shown
from .objects import OBJECTS, Closure, Instance, Items, Known, Method
from .syntax import at, full_name, is_text

MOST_STEPS = 50_000     # expressions and lines that are gone through
WORDS = {ast.While: 'a loop without a known end (while)', ast.With: 'a with block',
         ast.Assert: 'an assert', ast.Try: 'try'}


class Result(Exception):
    """forward returns."""

    def __init__(self, value):
        super().__init__()
        self.value = value


class Follower:
    """Goes through lines and expressions. known: the names that the code imports."""

    def __init__(self, known):
        self.known = known
        self.names = {}         # of the module
        self.left = MOST_STEPS

    # Lines ----------------------------------------------------------------------------------------

    def lines(self, statements, names):
        for statement in statements:
            self.line(statement, names)

    def line(self, statement, names):
        """Go through one line."""
        self.count(statement)
        if isinstance(statement, ast.Assign):
            value = self.value(statement.value, names)
            for target in statement.targets:
                self.assign(target, value, names)
        elif isinstance(statement, ast.AugAssign):
            left = ast.copy_location(ast.fix_missing_locations(
                ast.parse(ast.unparse(statement.target), mode='eval').body), statement)
            self.assign(statement.target, self.binary(statement, statement.op, self.value(
                left, names), self.value(statement.value, names)), names)
        elif isinstance(statement, ast.For) and not statement.orelse:
            for item in self.items(statement.iter, names):
                self.assign(statement.target, item, names)
                self.lines(statement.body, names)
        elif isinstance(statement, ast.If):
            self.lines(statement.body if self.truth(statement.test, names) else statement.orelse,
                       names)
        elif isinstance(statement, ast.With) and ast.unparse(
                statement.items[0].context_expr).endswith('.init_scope()'):
            self.lines(statement.body, names)
        elif isinstance(statement, ast.Return):
            raise Result(None if statement.value is None else self.value(statement.value, names))
        elif isinstance(statement, ast.Expr) and not is_text(statement):
            self.value(statement.value, names)
        elif not is_text(statement):
            what = WORDS.get(type(statement), 'this line')
            raise at(statement, f'the builder cannot draw {what}. It reads lines such as '
                                'h = F.relu(self.conv1(x)), and loops over lists and ranges.')

    def assign(self, target, value, names):
        """Give a value to a name, an attribute of self, or several of them."""
        if isinstance(target, ast.Name):
            names[target.id] = value
        elif isinstance(target, (ast.Tuple, ast.List)):
            self.unpack(target, value, names)
        elif isinstance(target, ast.Attribute):
            owner = self.value(target.value, names)
            if not isinstance(owner, Instance):
                raise at(target, f'{ast.unparse(target)} is nothing that can be set here.')
            self.attach(target, owner, target.attr, value)
        else:
            raise at(target, f'{ast.unparse(target)} is nothing that can be set here.')

    def attach(self, node, owner, name, value):
        if isinstance(value, OBJECTS) and name in ('forward', '__init__', 'children', 'params'):
            raise at(node, f'{name!r} is no name that a link of a Chain can have.')
        if isinstance(value, OBJECTS) and owner.base != 'Chain':
            raise at(node, f'a {owner.base} numbers its links: give them to super().__init__(...), '
                           'or to self.append(...).')
        owner.attributes[name] = value

    def unpack(self, target, value, names):
        values = self.listed(target, value)
        targets = target.elts
        star = next((i for i, one in enumerate(targets) if isinstance(one, ast.Starred)), None)
        if star is not None:
            behind = len(targets) - star - 1
            if len(values) >= len(targets) - 1:
                end = len(values) - behind
                values = [*values[:star], values[star:end], *values[end:]]
            targets = [one.value if isinstance(one, ast.Starred) else one for one in targets]
        if len(values) != len(targets):
            raise at(target, f'there are {len(targets)} names for {len(values)} values.')
        for one, item in zip(targets, values):
            self.assign(one, item, names)

    def count(self, node):
        self.left -= 1
        if self.left < 0:
            raise at(node, 'this code does more steps than the builder follows.')

    # Expressions ----------------------------------------------------------------------------------

    def value(self, node, names):
        """What an expression stands for."""
        self.count(node)
        read = getattr(self, f'read_{type(node).__name__}', None)
        if read is None:
            raise at(node, f'{shown(ast.unparse(node))} is nothing that the builder can draw.')
        return read(node, names)

    def read_Constant(self, node, names):
        return node.value

    def read_Name(self, node, names):
        for place in (names, self.names):
            if node.id in place:
                return place[node.id]
        name = full_name(node, self.known)
        if name is None and node.id not in (*plain.BUILTINS, 'super', 'getattr', 'setattr'):
            own = names.get('self')
            hint = (f': write self.{node.id}' if isinstance(own, Instance) and node.id in
                    own.attributes else
                    ': the code is drawn here, not run' if hasattr(builtins, node.id) else '')
            raise at(node, f'{node.id} has no value here{hint}.')
        return Known(name or node.id)

    def read_Attribute(self, node, names):
        name = full_name(node, self.known)
        if name is not None:
            return Known(name)
        owner = self.value(node.value, names)
        if isinstance(owner, Instance):
            return self.attribute(node, owner, node.attr)
        if self.is_flow(owner) and node.attr == 'shape':
            return self.shape(node, owner)
        return Method(owner, node.attr)

    def attribute(self, node, owner, name):
        if name in owner.attributes:
            return owner.attributes[name]
        if name in owner.methods or name in ('add_link', 'append', 'repeat', 'reset_state',
                                             'init_scope', 'children', 'copy'):
            return Method(owner, name)
        raise at(node, f'there is no self.{name}: make it in __init__.')

    def read_Call(self, node, names):
        if ast.unparse(node.func).startswith('super('):
            return self.base_init(node, names)
        callee = self.value(node.func, names)
        positional = []
        for argument in node.args:
            if isinstance(argument, ast.Starred):
                positional += self.listed(argument, self.value(argument.value, names))
            else:
                positional.append(self.value(argument, names))
        if any(keyword.arg is None for keyword in node.keywords):
            raise at(node, 'the builder reads arguments one by one, without **.')
        named = {keyword.arg: self.value(keyword.value, names) for keyword in node.keywords}
        return self.apply(node, callee, positional, named)

    def read_BinOp(self, node, names):
        return self.binary(node, node.op, self.value(node.left, names),
                           self.value(node.right, names))

    def binary(self, node, sign, left, right):
        if not (self.is_flow(left) or self.is_flow(right)):
            return plain.computed(node, sign, left, right)
        if not isinstance(sign, ast.Add) or not (self.is_flow(left) and self.is_flow(right)):
            raise at(node, f'{shown(ast.unparse(node))} is nothing that the builder can draw.')
        return self.sum(node, left, right)

    def read_UnaryOp(self, node, names):
        return plain.computed(node, node.op, self.value(node.operand, names))

    def read_Compare(self, node, names):
        left, result = self.value(node.left, names), True
        for sign, other in zip(node.ops, node.comparators):
            right = self.value(other, names)
            if self.is_flow(left) or self.is_flow(right):
                if not isinstance(sign, (ast.Is, ast.IsNot)):
                    raise at(node, 'what the net does may not depend on the numbers in x here.')
            result = result and plain.computed(node, sign, left, right)
            left = right
        return result

    def read_BoolOp(self, node, names):
        for part in node.values:
            value = self.truth(part, names)
            if value == isinstance(node.op, ast.Or):
                break
        return value

    def truth(self, node, names):
        value = self.value(node, names)
        if self.is_flow(value):
            raise at(node, 'what the net does may not depend on the numbers in x here.')
        return bool(value)

    def read_IfExp(self, node, names):
        return self.value(node.body if self.truth(node.test, names) else node.orelse, names)

    def read_List(self, node, names):
        return [self.value(item, names) for item in node.elts]

    def read_Tuple(self, node, names):
        return tuple(self.read_List(node, names))

    def read_JoinedStr(self, node, names):
        parts = [part.value if isinstance(part, ast.Constant) else
                 str(self.value(part.value, names)) for part in node.values]
        return ''.join(parts)

    def read_Lambda(self, node, names):
        return Closure([argument.arg for argument in node.args.args], node.body, names)

    def read_ListComp(self, node, names):
        found, names = [], dict(names)
        self.loops(node.generators, names, lambda: found.append(self.value(node.elt, names)))
        return found

    read_GeneratorExp = read_ListComp

    def loops(self, generators, names, inside):
        if not generators:
            inside()
            return
        first, *others = generators
        for item in self.items(first.iter, names):
            self.assign(first.target, item, names)
            if all(self.truth(test, names) for test in first.ifs):
                self.loops(others, names, inside)

    def read_Subscript(self, node, names):
        owner = self.value(node.value, names)
        if self.is_flow(owner):
            return self.part(node, owner, names)
        index = self.index(node.slice, names)
        if isinstance(owner, Instance) and isinstance(index, str):
            return self.attribute(node, owner, index)
        try:
            return self.listed(node, owner)[index]
        except (TypeError, IndexError, KeyError) as error:
            raise at(node, f'{shown(ast.unparse(node))}: {error}.') from None

    def index(self, node, names):
        if isinstance(node, ast.Slice):
            return slice(*[None if part is None else self.value(part, names)
                           for part in (node.lower, node.upper, node.step)])
        return self.value(node, names)

    # Lists ----------------------------------------------------------------------------------------

    def items(self, node, names):
        return self.listed(node, self.value(node, names))

    def listed(self, node, value):
        """The items of a value that one can go through."""
        if isinstance(value, (list, tuple)) and not self.is_flow(value):
            return list(value)
        if isinstance(value, (Items, Instance)):
            return value.items
        if self.is_flow(value):
            return self.examples(node, value)
        raise at(node, f'{shown(ast.unparse(node))} is nothing that one can go through.')
