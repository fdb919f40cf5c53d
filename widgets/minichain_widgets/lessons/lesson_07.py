"""Lesson 07, Feelings in sentences: build a tree, fill a bag, measure depth, climb with a loop."""
import sys

import numpy as np

import minichain as mc
import minichain.functions as F
import minichain.links as L
from minichain.data import FEELINGS, Tree, sentences
from minichain.data.language import join

from ..checking import (Choice, array_of, call, describe, exercise, graph_nodes, nearly, question,
                        require_answer, require_close, require_function, require_number,
                        require_variable, right, structure_of, wrong)
from ..words import ParseTree

# ---- 07.1 ---------------------------------------------------------------------------------


def not_too_long() -> Tree:
    """The tree that the grammar of the data gives."""
    return join('it', join('was', join('not', join('too', 'long'))))


def example_tree() -> ParseTree:
    return ParseTree(join('it', join('was', join('not', 'good'))))


def brackets(tree: Tree) -> str:
    """How a tree joins its words, without the labels."""
    if tree.word is not None:
        return tree.word
    return f'({brackets(tree.left)} {brackets(tree.right)})'


def is_sound(tree, depth=0) -> bool:
    """Whether somebody's Tree is built of Trees and words, with numbers as labels."""
    if not isinstance(tree, Tree) or depth > 20 or array_of(tree.label) is None:
        return False
    if tree.word is not None:
        return isinstance(tree.word, str)
    return is_sound(tree.left, depth + 1) and is_sound(tree.right, depth + 1)


@exercise(
    '07.1', 'Build a tree yourself',
    hints=('Begin at the inside: too_long = Tree(..., left=Tree(2, word="too"), right=Tree(2, '
           'word="long")). Its label follows from the rule for "too".',
           'Then put one word after the other in front: not_too_long = Tree(..., left=Tree(2, '
           'word="not"), right=too_long), and so on for "was" and "it".',
           'The labels: "too" makes it negative, "not" turns that round, mildly, and "was" and '
           '"it" feel like nothing, so they take over the feeling of the other part.'),
    expected='boxes in boxes that open to the right, as in this tree of another sentence.',
    picture=example_tree)
def build_a_tree(my_tree):
    require_answer(my_tree)
    if not is_sound(my_tree):
        return wrong(f'my_tree should be a Tree, built of Trees, each with a number as its label. '
                     f'What came is {describe(my_tree)}.')
    wanted = not_too_long()
    if my_tree.words != wanted.words:
        return wrong(f'The words of your tree are "{" ".join(my_tree.words)}", wanted are '
                     f'"{" ".join(wanted.words)}".')
    if brackets(my_tree) != brackets(wanted):
        return nearly(f'The words are right, but you join them as {brackets(my_tree)}. Wanted is '
                      f'{brackets(wanted)}.')
    off = [(mine, node) for mine, node in zip(my_tree.nodes(), wanted.nodes())
           if mine.label != node.label]
    if off:
        said = ', '.join(f'"{" ".join(node.words)}" has {mine.label}' for mine, node in off)
        if len(off) < len(wanted.nodes()) / 2:
            return nearly(f'The places are right, the labels not all: {said}. Read the five rules '
                          f'again.')
        return wrong(f'The places are right, but most labels are not: {said}. 2 is neutral, 1 '
                     f'negative, 3 positive.')
    return right(f'{len(wanted.nodes())} places, joined as the grammar joins them, and the whole '
                 f'is {FEELINGS[wanted.label]}.')


# ---- 07.2 ---------------------------------------------------------------------------------

BAGS = (([2, 9, 2], 10), ([0], 3), ([5, 4, 3, 5, 5, 1], 6), ([7, 7, 7, 7], 74), ([], 4))


@exercise(
    '07.2', 'Fill the bag',
    hints=('Begin with zeros: np.zeros(size, dtype="float32").',
           'Go through the numbers with for number in numbers, and add 1 at the place of each.',
           'bag[number] += 1. At the end: return bag.'),
    expected='for the words 2, 9, 2 and the size 10: zeros, but 2.0 at place 2 and 1.0 at place 9.')
def fill_the_bag(fill_bag):
    require_function(fill_bag)
    for numbers, size in BAGS:
        want = np.bincount(np.array(numbers, int), minlength=size).astype('float32')
        result = call(fill_bag, np.array(numbers, 'int32'), size)
        got = array_of(result)
        what = f'For the words {numbers} and the size {size}, the bag'
        if got is not None and got.shape == want.shape and not np.array_equal(got, want):
            if np.array_equal(got, np.minimum(want, 1)):
                return nearly(f'{what} says which words are there. It should say how often: '
                              f'{want.tolist()}. Add 1 each time, with +=.')
            if np.array_equal(got * len(numbers), want):
                return nearly(f'{what} holds shares that add up to 1. Counts are wanted: '
                              f'{want.tolist()}.')
        require_close(result, want, what, dtype='float32')
    return right('All five bags are filled as they should be.')


# ---- 07.3 ---------------------------------------------------------------------------------

def true_depth(tree: Tree) -> int:
    return 0 if tree.word is not None else 1 + max(true_depth(tree.left), true_depth(tree.right))


def trees_to_measure() -> list[Tree]:
    lean = join(join(join('a', 'b'), 'c'), 'd')                        # opens to the left
    return [join('not', 'good'), join('not', join('very', 'good')), lean,
            *(review.tree for review in sentences(12, seed=7))]


@exercise(
    '07.3', 'How far is the way?',
    hints=('A function may call itself. First the simple case: if tree.word is not None, it is a '
           'leaf: return 0.',
           'Else the depth is one more than the larger of the two depths below it.',
           'return 1 + max(depth(tree.left), depth(tree.right))'),
    expected='a green mark, and below it that a review of 13 words has a depth far below 13.')
def how_far_is_the_way(depth):
    require_function(depth)
    off = []
    for tree in (Tree(2, word='film'), *trees_to_measure()):
        got = require_number(call(depth, tree), f'The depth of "{" ".join(tree.words)}"')
        if got != true_depth(tree):
            off.append((f'For "{" ".join(tree.words)}" you return {got:g}, the longest way is '
                        f'{true_depth(tree)}', got - true_depth(tree), got, tree))
    if not off:
        return right('The depth is right for single words, short trees and long reviews.')
    first, difference, _, _ = off[0]
    if {d for _, d, _, _ in off} == {1} and len(off) > len(trees_to_measure()):
        return nearly(f'{first}. You are one too large everywhere: a single word has depth 0.')
    if all(got == len(tree.words) - 1 for _, _, got, tree in off):
        return nearly(f'{first}. That is how many joins there are in all. Take the longer of the '
                      f'two ways, with max, not both.')
    if {got for _, _, got, _ in off} == {0}:
        return nearly(f'{first}. A place that joins two parts is one step further from the words: '
                      f'add 1 to the larger of the two depths.')
    if all(got == shortest(tree) for _, _, got, tree in off):
        return nearly(f'{first}. You found the shortest way. Take the longer of the two, with max.')
    return wrong(f'{first}. Draw the tree of "not very good", and count the joins above "good".')


def shortest(tree: Tree) -> int:
    return 0 if tree.word is not None else 1 + min(shortest(tree.left), shortest(tree.right))


# ---- 07.4 ---------------------------------------------------------------------------------

class SmallNet(L.Chain):
    """A net on trees as in the lesson, with words of its own and in float64."""

    def __init__(self, words):
        super().__init__()
        self.recursive = False
        self.numbers = {word: i for i, word in enumerate(dict.fromkeys(words))}
        random = np.random.default_rng(0)
        with self.init_scope():
            self.embed = mc.Parameter(random.standard_normal((len(self.numbers), 3)))
            self.join = mc.Parameter(random.standard_normal((3, 6)))

    def word(self, word):
        self.recursive |= inside_itself(sys._getframe(1))
        return F.embed_id(np.array([self.numbers[word]]), self.embed)

    def pair(self, left, right):
        return F.tanh(F.linear(F.concat([left, right], axis=1), self.join))


def inside_itself(frame) -> bool:
    """Whether a function that runs at this frame has called itself, below the checker."""
    running = []
    while frame is not None and frame.f_code is not call.__code__:
        running.append(frame.f_code)
        frame = frame.f_back
    return len(set(running)) < len(running)


def climb(tree: Tree, net: SmallNet) -> mc.Variable:
    if tree.word is not None:
        return net.word(tree.word)
    return net.pair(climb(tree.left, net), climb(tree.right, net))


def swapped(tree: Tree, net: SmallNet) -> mc.Variable:
    if tree.word is not None:
        return net.word(tree.word)
    return net.pair(swapped(tree.right, net), swapped(tree.left, net))


def chained(tree: Tree, net: SmallNet) -> mc.Variable:
    """From left to right, as if there were no tree."""
    vector = net.word(tree.words[0])
    for word in tree.words[1:]:
        vector = net.pair(vector, net.word(word))
    return vector


def gradients(y: mc.Variable, net: SmallNet) -> list[np.ndarray]:
    net.cleargrads()
    F.sum(y * y).backward()
    return [np.zeros(p.shape) if p.grad is None else np.array(p.grad) for p in net.params()]


@exercise(
    '07.4', 'Climb without recursion',
    hints=('Keep a list of vectors that wait for a partner: waiting = []. A leaf puts its vector '
           'there: waiting.append(net.word(node.word)).',
           'Any other place takes the last two vectors out of the list, joins them and puts the '
           'result back. waiting.pop() takes the last one out.',
           'The last vector belongs to the right part, the one before it to the left. When the '
           'loop is over, one vector is left: return waiting.pop().'),
    expected='a green mark: the same vectors, graphs and gradients as the recursive climb.')
def climb_without_recursion(climb_in_a_row):
    require_function(climb_in_a_row)
    for tree in trees_to_measure():
        net = SmallNet(tree.words)
        want = climb(tree, net)
        net.recursive = False
        y = call(climb_in_a_row, tree, net)
        recursive = net.recursive
        what = f'The vector of "{" ".join(tree.words)}"'
        require_variable(y, what)
        got = array_of(y)
        if got.shape == want.shape and not np.allclose(got, want.data):
            if np.allclose(got, swapped(tree, net).data):
                return nearly('You swap left and right. What was put into the list last comes out '
                              'first: that is the right part.')
            if np.allclose(got, chained(tree, net).data):
                return nearly('You join the words from left to right. The tree says who belongs '
                              'together: join when tree.nodes() comes to a place that is no leaf.')
        require_close(y, want.data, what)
        if y.creator is None:
            return nearly(f'{what} is right, but it has no graph: nothing could be learned '
                          'through it. Compute with the Variables that net.word and net.pair give.')
        found, wanted = structure_of(y), structure_of(want)
        if found.total > wanted.total:
            return nearly(f'{what} is right, but its graph holds {found.total} operations, where '
                          f'{wanted.total} are enough. Compute each place once.')
        grads = gradients(y, net), gradients(want, net)
        if not all(np.allclose(a, b) for a, b in zip(*grads)):
            return nearly(f'{what} is right, but not its gradient: part of its graph is missing, '
                          f'{len(graph_nodes(y))} nodes are left. Do not use .data.')
        if recursive:
            return nearly(f'{what} is right, but your function calls itself. Here the climb is '
                          'wanted as one loop: for node in tree.nodes().')
    return right('Vectors, graphs and gradients are those of the recursive climb.')


# ---- quiz ---------------------------------------------------------------------------------

question(
    '07.A', 'Why is every sentence a different network?',
    Choice('Because each sentence has weights of its own.',
           'No. The weights are the same for all sentences. Otherwise nothing that was learned '
           'from one could help with the next.'),
    Choice('Because the code follows the sentence, and the graph is the record of what ran.',
           'Loops and recursion run as often as the sentence asks for. The weights are shared, the '
           'graph is made anew each time.', right=True),
    Choice('Because every sentence has another label.',
           'No. The label is used in the loss only. Two sentences with the same label can have '
           'quite different graphs.'))

question(
    '07.B', 'Why does the bag of words fail at negation?',
    Choice('Because "not" is too rare in the training reviews.',
           'No. More than half of these reviews hold a negation.'),
    Choice('Because it has no number for the word "not".',
           'It has one, and counts it. But that is not enough.'),
    Choice('Because it knows that there is a "not", but not what it turns round.',
           'The order is gone before the network begins. "good, not bad" and "bad, not good" fill '
           'the same bag.', right=True))
