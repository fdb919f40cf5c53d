"""Mistakes that students make in the exercises, each with the sentence that has to come.

Each row: the exercise, a piece of the right answer, what the student wrote in its place, and how
the verdict begins. Where the piece is None, the whole cell is another one. The right answers are
those of the solution notebooks. `tests/reliability/classroom.py` types all of them in a browser.
"""

MISTAKES = [
    ('00.1', '-5.0', '2.1',
     '≈ Nearly. With x = 2.1 the graph gives y = 10.710. The answer is a whole number, so you '
     'are very close.'),
    ('00.1', '-5.0', '7',
     '✗ Not right. With x = 7 the graph gives y = 70, which is too large.'),
    ('00.2', 'my_y = a * b', 'my_y = x * x + 3 * x + 2',
     '≈ Nearly. The value 12 is right, but the graph is another one. Yours holds 2 add, 2 mul. '
     'Wanted is 2 add, 1 mul. Equal results can have different graphs.'),
    ('00.2', 'my_y = a * b', 'my_y = x * 3',
     '✗ Not right. The value is 6 and the graph holds 1 mul. Wanted is 2 add, 1 mul. Run the '
     'cell that makes x once more, then write the formula.'),
    ('00.3', '(2 * nudge)', 'nudge',
     '≈ Nearly. For x * x + 3 * x at 2 your slope is 14, twice as large as the right one. x + '
     'nudge and x - nudge are two nudges apart, so divide by 2 * nudge.'),
    ('00.3', 'return (f(x + nudge) - f(x - nudge)) / (2 * nudge)', 'print("✓ Right.")',
     '… Not yet. Your function does not return a result yet. Its last line should be return, '
     'followed by the result.'),
    ('00.3', '(f(x + nudge) - f(x - nudge))', 'f(x + nudge) - f(x - nudge)',
     "✗ Not right. For x * x + 3 * x at 2 your slope is -4.999e+04, and minichain's gradient is "
     '7. Put brackets around the change of f, then divide it by the change of x.'),

    ('01.1', '4, "written out": 7', '7, "written out": 4',
     '≈ Nearly. These are the right numbers, but the wrong way round.'),
    ('01.1', '4, "written out": 7', '4, "written out": 4',
     '✗ Not right. You say that both have the same number. minichain does not look ahead, and '
     'it does not tidy up: what runs twice is written down twice.'),
    ('01.2', '<', '<=',
     '≈ Nearly. double_until(25, 100) gives 200, wanted is 100: you double once too often. Stop '
     'as soon as the number has reached the limit.'),
    ('01.2', 'return h', 'return h.data',
     '≈ Nearly. The result of double_until(3, 100) is a plain number, so nothing was recorded. '
     'Compute with the Variable itself, not with its .data.'),
    ('01.2', 'h = h * 2', 'h = h + 2',
     '✗ Not right. double_until(3, 100) gives 101, wanted is 192.'),
    ('01.3', '0.0001', '0.3',
     '≈ Nearly. root(2) gives 1.4167, wanted is 1.4142. You are close. Stop later: two values '
     'in a row should differ by less than 0.0001.'),
    ('01.3', '/ 2\n', '/ 3\n',
     '✗ Not right. root(2) gives 1, wanted is 1.414.'),
    ('01.4', '"sin(x)": "inputs"', '"sin(x)": "result"',
     '≈ Nearly. Three of four are right. Think about sin(x) again: which numbers does its '
     'gradient need?'),
    ('01.4', '"nothing"', '"none"',
     "✗ Not right. Use only these words: 'inputs', 'result', 'nothing'. 'none' is another one."),
    ('01.5', 'e * (e + x)', 'F.exp(x) * (F.exp(x) + x)',
     '≈ Nearly. The value is right, but your graph has two exp boxes. Compute exp(x) once, give '
     'it a name, and use the name twice.'),
    ('01.5', 'e * (e + x)', 'e + 1',
     '✗ Not right. Your graph holds 1 add, 1 exp. The picture holds 1 add, 1 exp, 1 mul.'),

    ('02.1', '(2 * h)', 'h',
     '≈ Nearly. Your slope of x * x at x = 3 is 12, twice as large as the right 6. x + h and x '
     '- h are 2 * h apart, so divide by 2 * h.'),
    ('02.1', '(2 * h)', '2 * h',
     '✗ Not right. Your slope of x * x at x = 3 is 6e-08, wanted is 6. Divide the difference by '
     '(2 * h), with the brackets: without them Python divides by 2 and multiplies by h.'),
    ('02.2', '(1, -1)', '(1, 1)',
     "≈ Nearly. For 'a - b' with a = 3 and b = 5 a sign is wrong. Does the result grow or "
     'shrink when this input grows?'),
    ('02.2', 'lambda a: (2 * a,)', 'lambda a: (a,)',
     "✗ Not right. For 'a ** 2' with a = 3 your slopes are 3; measured they are different. "
     'Measure them with your function from exercise 02.1.'),
    ('02.3', '"x": 4, "w": 6', '"x": 6, "w": 4',
     '≈ Nearly. x: you took x itself as the slope of x * w. Each factor has the other one as '
     'its slope.'),
    ('02.3', '"s": 2, "p": 2', '"s": 1, "p": 1',
     '✗ Not right. s is not right yet. What arrives from y is 1; which local slope do you '
     'multiply it with?'),
    ('02.4', '+= number', '= number',
     '≈ Nearly. For a * a your gradients are 3; minichain has 6. Here two paths meet. Add to '
     'what the parent has: += and not =.'),
    ('02.4', 'y.grad = 1.0', 'y.grad = 0.0',
     '✗ Not right. For a * b + c your gradients are 0, 0, 0; minichain has -3, 2, 1. Nothing '
     'has arrived. Did you set y.grad to 1.0 first, and walk from the end?'),
    ('02.5', 'abs(measured - df(x))', 'measured - df(x)',
     '≈ Nearly. 1000 * x, one percent off is wrong, and your function says True: the measured '
     'slope is 1000, the claimed one 1010. A difference counts in both directions, abs(...), '
     'and one thousandth is allowed, not a hundredth.'),
    ('02.5', 'abs(measured - df(x)) <= 0.001 * max(1.0, abs(measured))', 'True',
     '✗ Not right. x ** 3 with 2 * x ** 2 is wrong, and your function says True: the measured '
     'slope is 1.47, the claimed one 0.98. Compare the two.'),

    ('03.1', '    if isinstance', '    feed["seen"] = 1\n    if isinstance',
     '≈ Nearly. The number is right, but your run writes into feed. It belongs to the caller, '
     'who may run the plan again with it.'),
    ('03.1',
     'return place.operation(*[run(part, feed) for part in place.inputs])',
     'return feed["x"]',
     '✗ Not right. x * x + x * 3 with x = 2 and y = 5 is 10; your run says 2.'),
    ('03.2', 'steps + 2', 'steps + 1',
     "≈ Nearly. For 'static, any x' with steps = 1 you say 2. One is missing: where is an "
     'operation, too.'),
    ('03.2', 'steps + 2', '99',
     "✗ Not right. For 'static, any x' with steps = 1 you say 99. Count the boxes in the graph: "
     'every F.something that runs is one.'),
    ('03.3', 'return words, mask', 'return words, words != fill',
     '≈ Nearly. The mask looks where words differ from fill. A real word may have the same '
     'number. Take the length of the sentence.'),
    ('03.3', 'return words, mask', 'return words',
     '✗ Not right. Return two arrays, the words and the mask; this is an array of shape (2, 3).'),
    ('03.4', '1 - sum', 'sum',
     '≈ Nearly. For [3, 1, 2] you say 0.667. That is the useful part. The waste is the '
     'rest: 1 minus it.'),
    ('03.4', '1 - sum(lengths) / (len(lengths) * max(lengths))', '2.0',
     '✗ Not right. For [3, 1, 2] you say 2, wanted is 0.333. Draw the table on paper and count.'),
    ('03.5', 'sorted(range(len(lengths)), key=lambda i: lengths[i])', 'sorted(lengths)',
     '≈ Nearly. For the lengths [1, 5, 1, 17, 1, 6, 1, 4] and size = 2: these are the lengths. '
     'Return the positions, from 0.'),
    ('03.5', 'sorted(range(len(lengths)), key=lambda i: lengths[i])', 'list(range(len(lengths)))',
     '✗ Not right. For the lengths [1, 5, 1, 17, 1, 6, 1, 4] and size = 2: your batches need 64 '
     'steps, 48 are possible. Put sentences of about the same length together.'),

    ('04.1', ' - scores.max(axis=1, keepdims=True)', '',
     '≈ Nearly. Right for small scores. For scores near 1000 it gives nan, because np.exp '
     'overflows. Subtract the largest score of each row first.'),
    ('04.1', 'return powers / powers.sum(axis=1, keepdims=True)', 'return scores',
     '✗ Not right. The shape is right, the values are not: the largest difference is 4.24 at '
     'place [2, 9] (you have -4.236, wanted is 0.0005024).'),
    ('04.2', '.mean()', '.sum()',
     '≈ Nearly. You sum over the batch. Take the mean, so that a larger batch does not have a '
     'larger loss.'),
    ('04.2',
     '-np.log(probabilities[np.arange(len(t)), t])',
     '1 - probabilities[np.arange(len(t)), t]',
     '✗ Not right. For a batch of 3 your loss is 0.9746, wanted is 3.881.'),
    ('04.3', '- lr', '+ lr',
     '≈ Nearly. You go *with* the gradient, so the loss grows. Subtract the step.'),
    ('04.3', 'parameter.data = parameter.data - lr', 'new = parameter.data - lr',
     '✗ Not right. Your function ran, and no parameter has changed. Give the attribute a new '
     'array: parameter.data = ...'),
    ('04.4', 'weight + velocity, velocity', 'weight - velocity, velocity',
     '≈ Nearly. The weight goes the wrong way: the velocity already has the minus of the '
     'gradient in it.'),
    ('04.4', 'weight + velocity, velocity', 'weight + velocity',
     '✗ Not right. Return two arrays, the weight and the velocity; this is an array of shape '
     '(2, 3).'),
    ('04.5',
     'L.Linear(64, 30), F.relu, L.Linear(30, 10)',
     'L.Linear(64, 64), F.relu, L.Linear(64, 10)',
     '≈ Nearly. 4,810 numbers, and '),
    ('04.5', 'losses = train(my_model, mc.optimizers.Adam(lr=0.005), epochs=30)', '',
     '✗ Not right. 2,260 numbers, and '),

    ('05.1', '.sum()', '.mean()',
     '≈ Nearly. You take the mean of the products. Take their sum.'),
    ('05.1', 'return result', 'return image',
     '✗ Not right. For a picture of 5 x 5 and a filter of 3 x 3, the result has shape (5, 5), '
     'wanted is (3, 3).'),
    ('05.2', '[-1, -1, -1]', '[1, 1, 1]',
     '≈ Nearly. It answers to the horizontal line, but also to a picture that is bright '
     'everywhere (6). Make the nine numbers add up to 0.'),
    ('05.2', '[-1, -1, -1]', '[0, 0, 0]',
     '≈ Nearly. It answers to the horizontal line, but also to a picture that is bright '
     'everywhere (3). Make the nine numbers add up to 0.'),
    ('05.2', None, 'my_filter = np.zeros((3, 3))',
     '✗ Not right. Its strongest answers are: horizontal line 0, vertical line 0, diagonal line '
     '0. It does not answer to the horizontal line at all.'),
    ('05.3', '//', '/',
     '≈ Nearly. out_size(10, 3, 2, 1) gives 5.5, measured is 5. A window fits a whole number of '
     'times: round down, with // instead of /.'),
    ('05.3', '(n + 2 * pad - k) // stride + 1', 'n * k',
     '✗ Not right. out_size(8, 3, 1, 0) gives 24, measured is 6. Draw a row of 8 boxes and '
     'count how often a window of 3 fits.'),
    ('05.4', 'sum(parameter.size for parameter in model.params())', 'len(list(model.params()))',
     '≈ Nearly. For L.Linear(64, 128) you count 2. That is the number of arrays. Count the '
     'numbers inside of them.'),
    ('05.4', 'sum(parameter.size for parameter in model.params())', '5',
     '✗ Not right. For L.Linear(64, 128) you count 5, but it holds 8320.'),
    ('05.5',
     'L.Conv2d(1, 8, ksize=3, pad=1)\n            self.conv2 = L.Conv2d(8,',
     'L.Conv2d(1, 24, ksize=3, pad=1)\n            self.conv2 = L.Conv2d(24,',
     '≈ Nearly. 4,362 numbers, and '),
    ('05.5', 'train(SmallCNN, seed=0)', 'SmallCNN()',
     '✗ Not right. 1,898 numbers, and '),

    ('06.1', 'np.tanh(x @ W.T + h @ U.T + b)', 'x @ W.T + h @ U.T + b',
     '≈ Nearly. The sum is right. Put np.tanh around it.'),
    ('06.1', 'np.tanh(x @ W.T + h @ U.T + b)', 'h',
     '✗ Not right. The shape is right, the values are not: the largest difference is 1.56 at '
     'place [0, 0] (you have -0.8028, wanted is 0.7578).'),
    ('06.2', 'return steps', 'return steps + 1',
     '≈ Nearly. reach(0.5, 0.01) is 7 for you: one too many. After 7 steps the gradient is '
     'below the limit already.'),
    ('06.2', 'return steps', 'return 100',
     '✗ Not right. reach(0.5, 0.01) is 100 for you. 0.5 multiplied 6 times is 0.01562, and once '
     'more it is 0.007812.'),
    ('06.3', 'a, i, f, o = np.split', 'a, f, i, o = np.split',
     '≈ Nearly. Input gate and forget gate are swapped. The order is a, i, f, o.'),
    ('06.3', 'return c, o * np.tanh(c)', 'return c, c',
     '≈ Nearly. c is right. What comes out, h, is another array: o * np.tanh(c).'),
    ('06.3', 'return c, o * np.tanh(c)', 'return c',
     '✗ Not right. Return two arrays, c and h; this is an array of shape (2, 3).'),
    ('06.4', ' and step < len(inputs)', '',
     '≈ Nearly. For 7 inputs with a cut after every 7 the graph should reach back over 7 steps; '
     'yours has none. Do not cut after the last step.'),
    ('06.4', 'h.unchain_backward()', 'pass',
     '✗ Not right. For 10 inputs with a cut after every 4 the graph should reach back over 2 '
     'steps; yours has all 10. Nothing was cut: call h.unchain_backward().'),
    ('06.5', 'powers = np.exp(scores - scores.max())', 'powers = np.exp(scores)',
     '≈ Nearly. For scores near 2000 it breaks: np.exp overflows. Subtract the largest score '
     'first.'),
    ('06.5', 'random.choice(len(scores), p=powers / powers.sum())', 'random.integers(4)',
     '✗ Not right. At temperature 1 letter 0 comes in 25% of the draws; it should be 64%.'),

    ('07.1', 'Tree(3, left=Tree(2, word="not")', 'Tree(1, left=Tree(2, word="not")',
     '≈ Nearly. The places are right, the labels not all: "not too long" has 1. Read the five '
     'rules again.'),
    ('07.1', 'right=Tree(2, word="long")', 'right=Tree(2, word="good")',
     '✗ Not right. The words of your tree are "it was not too good", wanted are "it was not too '
     'long".'),
    ('07.2', '+= 1', '= 1',
     '≈ Nearly. For the words [2, 9, 2] and the size 10, the bag says which words are there. It '
     'should say how often: [0.0, 0.0, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0]. Add 1 each '
     'time, with +=.'),
    ('07.2', 'return bag', 'return numbers',
     '✗ Not right. For the words [2, 9, 2] and the size 10, the bag has shape (3,), wanted is '
     '(10,).'),
    ('07.3', 'max(', 'min(',
     '≈ Nearly. For "not very good" you return 1, the longest way is 2. You found the shortest '
     'way. Take the longer of the two, with max.'),
    ('07.3', 'return 1 + max(depth(tree.left), depth(tree.right))', 'return 5',
     '✗ Not right. For "not good" you return 5, the longest way is 1. Draw the tree of "not '
     'very good", and count the joins above "good".'),
    ('07.4', 'net.pair(left, right)', 'net.pair(right, left)',
     '≈ Nearly. You swap left and right. What was put into the list last comes out first: that '
     'is the right part.'),
    ('07.4', 'return waiting.pop()', 'return F.tanh(waiting.pop())',
     '✗ Not right. The shape is right, the values are not: the largest difference is 0.113 at '
     'place [0, 1] (you have -0.632, wanted is -0.7447).'),

    ('08.1', 'return given, wanted', 'return wanted, given',
     '≈ Nearly. For the words [7, 8, 9] you return [7, 8, 9, 2] and [1, 7, 8, 9]. These are the '
     'right lists, but the wrong way round: given first.'),
    ('08.1', 'return given, wanted', 'return words, words',
     '✗ Not right. For the words [7, 8, 9] you return [7, 8, 9] and [7, 8, 9]. Wanted are [1, '
     '7, 8, 9] and [7, 8, 9, 2].'),
    ('08.2', '    weights = exponentials / exponentials.sum()', '    weights = exponentials',
     '≈ Nearly. For 4 words, the weights add up to 1.01. Divide by their sum.'),
    ('08.2', 'return weights @ memory, weights', 'return query, weights',
     '✗ Not right. The shape is right, the values are not: the largest difference is 1.38 at '
     'place [0] (you have -1.738, wanted is -0.3538).'),
    ('08.3',
     'if word == end:\n            break\n        words.append(word)',
     'words.append(word)\n        if word == end:\n            break',
     '≈ Nearly. The step says [5, 7, 5, 2], and you return [5, 7, 5, 2]. Leave out begin (1) '
     'and end (2): they are no words.'),
    ('08.3', 'return words', 'return [9, 9]',
     '✗ Not right. The step says [5, 7, 5, 2], and you return [9, 9], wanted is [5, 7, 5].'),
    ('08.4',
     'sum(a == w for a, w in zip(answers, wanted)) / len(wanted)',
     '100 * sum(a == w for a, w in zip(answers, wanted)) / len(wanted)',
     '≈ Nearly. For 20 sentences you return 80, wanted is 0.8. A share lies between 0 and 1: '
     'divide by the number of sentences.'),
    ('08.4', 'sum(a == w for a, w in zip(answers, wanted)) / len(wanted)', 'answers == wanted',
     '✗ Not right. You return False: that compares the two lists as a whole. Compare sentence '
     'by sentence.'),

    ('09.1', '1 / rate', '1',
     '≈ Nearly. For a tone of 440 Hz, with 8000 samples and 8000 of them a second, you return '
     '0.055. The rate is missing: np.fft.rfftfreq needs the time between two samples, 1 / rate.'),
    ('09.1', 'return np.fft.rfftfreq(len(wave), 1 / rate)[strength.argmax()]', 'return 440',
     '✗ Not right. For a tone of 1000 Hz, with 4000 samples and 16000 of them a second, you '
     'return 440.'),
    ('09.2', 'sign != before and sign != "_"', 'sign != "_"',
     "≈ Nearly. You read '__tt_hh_rr_ee__e___' as 'tthhrreee', wanted is 'three'. Blanks are "
     'out. Equal signs that follow each other count once.'),
    ('09.2', 'return text', 'return path',
     "✗ Not right. You read '__tt_hh_rr_ee__e___' as '__tt_hh_rr_ee__e___', wanted is 'three'."),
    ('09.3', 'total += np.prod', 'total = np.prod',
     "≈ Nearly. For 'ab' in 3 moments you return 0.001048, wanted is 0.0849. That is one path "
     'alone. Add up all 5 of them.'),
    ('09.3', 'if read(path) == text:', 'if path == text:',
     "✗ Not right. For 'ab' in 3 moments you return 0, wanted is 0.0849. Did you compare the "
     'path itself with the text? It has to be read first: read(path) == text.'),
    ('09.4', 'min(words', 'max(words',
     "≈ Nearly. For 'thre' you return 'eight', nearest is 'three'. You take the word that is "
     'furthest away. Take the smallest distance, with min.'),
    ('09.4', 'min(words, key=lambda word: F.edit_distance(word, heard))', '"ten"',
     "✗ Not right. For 'thre' you return 'ten', nearest is 'three'."),

    ('10.1', '.transpose(0, 3, 1, 2)', '',
     '≈ Nearly. For an array of shape (2, 3, 2, 5), the result has the right shape, but the '
     'numbers are in their old order. reshape alone does not move numbers: transpose first.'),
    ('10.1', 'return h.transpose(0, 3, 1, 2).reshape(n, columns, channels * rows)', 'return h',
     '✗ Not right. For an array of shape (2, 3, 2, 5), the result has shape (2, 3, 2, 5), '
     'wanted is (2, 5, 6).'),
    ('10.2', 'len(digits) + equal', 'len(digits)',
     '≈ Nearly. For [4, 1, 1] you return 3, the least is 4. Two equal digits side by side need '
     'a blank between them.'),
    ('10.2', 'len(digits) + equal', '9',
     '✗ Not right. For [4, 1, 1] you return 9, the least is 4. Write down the shortest path for '
     '4 1 1 on paper.'),
    ('10.3', '        self.gru.reset_state()\n', '',
     '≈ Nearly. The same picture gives other scores the second time: the network still '
     'remembers the picture before. Call reset_state() at the beginning of forward.'),
    ('10.3', 'L.Linear(20, 11)', 'L.Linear(20, 10)',
     '✗ Not right. For images of shape (3, 1, 12, 16) the scores have the shape (8, 3, 10), '
     'wanted is (8, 3, 11).'),

    ('11.1', '            break', '            found = scores',
     '≈ Nearly. For sure = 0.00 the picture should leave after 1 of 4 blocks; yours left after '
     '4. Compare the largest probability, F.softmax(scores).data.max(), with sure: at least, >=.'),
    ('11.1', 'return scores', 'return h',
     '✗ Not right. Return the ten scores, shape (1, 10); this has (1, 3, 8, 8).'),
    ('11.2',
     'return block(x) if random.random() < keep else x',
     'return x if random.random() < keep else block(x)',
     '≈ Nearly. With keep = 0.2 the block was there in 79% of the runs. You skip where you '
     'should keep.'),
    ('11.2', 'x + keep * (block(x) - x)', 'x * 2',
     '✗ Not right. The shape is right, the values are not: the largest difference is 2.71 at '
     'place [0, 1, 2, 0] (you have -5.422, wanted is -2.711).'),
    ('11.3', 'range(limit)', 'range(limit + 1)',
     '≈ Nearly. With close = 0.01 and limit = 7 the step should run 7 times; it ran 8 times. '
     'Stop at the limit.'),
    ('11.3', 'return h', 'return x',
     '≈ Nearly. The rounds are right, but you return x, as it was before the first of them. '
     'Return the newest value.'),
    ('11.3', '            break', '            continue',
     '✗ Not right. With close = 0.01 and limit = 50 the step should run '),
    ('11.4',
     '    block.second.W',
     '    block.first.W.data[...] = 0\n    block.first.b.data[...] = 0\n    block.second.W',
     '≈ Nearly. It changes nothing, but the gradients of its filters are all zero, so they '
     'never will. Make only the second convolution zero.'),
    ('11.4', '    block.second.W.data[...] = 0\n', '',
     '✗ Not right. It changes what it gets, by up to '),

    ('12.1', '8 * 3 * 3', '4 * 8 * 3 * 3',
     '≈ Nearly. 288 is the number for all 4 pictures together. How many for one?'),
    ('12.1', 'return net.scores(F.reshape(h, (len(h), -1)))', 'return net.filters(x)',
     '✗ Not right. For 4 pictures forward returns the shape (4, 8, 6, 6), wanted is (4, 10): '
     'ten scores for each picture.'),
    ('12.2', 'axis=0', 'axis=1',
     '≈ Nearly. You count the pictures for which all units are zero. Ask along the other axis.'),
    ('12.2', 'np.sum(np.all(h.data <= 0, axis=0))', 'np.sum(h.data <= 0)',
     '✗ Not right. You count all zeros. A unit is dead only if it is zero for every picture.'),
    ('12.3',
     'return [g * g.dtype.type(factor) for g in gradients]',
     'return [np.clip(g, -limit, limit) for g in gradients]',
     '≈ Nearly. You cut off each number. Multiply all numbers by the same factor.'),
    ('12.3', 'return [g * g.dtype.type(factor) for g in gradients]', 'return gradients',
     '✗ Not right. The gradients came back as they were. Their length is '),
    ('12.4', '-F.mean', 'F.mean',
     '≈ Nearly. Right except for the sign: a loss is positive.'),
    ('12.4', '-F.mean(F.select(F.log_softmax(scores), t))', 'F.mean(scores)',
     '✗ Not right. For scores from -3 to 2 the loss is 0.1807, wanted is 2.706.'),
    ('12.5', 'gy, gy / 10', '1, 0.1',
     '≈ Nearly. That is the local slope. Multiply it by what arrives, gy.'),
    ('12.5', 'np.where(x > 0, gy, gy / 10).astype(gy.dtype)', '-gy',
     '✗ Not right. The shape is right, the values are not: the largest difference is 2.21 at '
     'place [0, 0] (you have 1.103, wanted is -1.103).'),

    ('13.1', '4 * int(np.prod(shape))', 'int(np.prod(shape))',
     '≈ Nearly. For the shape (100, 10) you say 11 microseconds. The bandwidth counts bytes: 4 '
     'for each number.'),
    ('13.1', 'latency + 4 * int(np.prod(shape)) / bandwidth', '1.0',
     '✗ Not right. For the shape (100, 10) you say 1e+06 microseconds, wanted are 14.'),
    ('13.2', 'int(np.floor(crossing)) + 1', 'crossing',
     '≈ Nearly. For start-ups of 2e-06 and 1e-05 s and speeds of 1e+09 and 1e+11 you say '
     '8080.81. That is where they are equal. Take the next whole number.'),
    ('13.2', 'int(np.floor(crossing)) + 1', '1',
     '✗ Not right. For start-ups of 2e-06 and 1e-05 s and speeds of 1e+09 and 1e+11 you say 1. '
     'With so many numbers A takes 2.001e-06 s and B 1e-05 s.'),
    ('13.3', ' / len(centres)', '',
     '≈ Nearly. For 40 centres your loss is 506.76, wanted is 12.669. Divide by the number of '
     'centres.'),
    ('13.3', 'F.sum((x - centres) ** 2) / len(centres)', 'F.sum(x)',
     '✗ Not right. For 40 centres your loss is 2.9562, wanted is 12.669.'),
    ('13.4', 'min(times)', 'max(times)',
     '≈ Nearly. It says '),
    ('13.4', 'range(repeats)', 'range(repeats + 2)',
     '✗ Not right. For repeats = 4 it should call f five times: once to warm up, four times to '
     'measure. It called it 7 times.'),

    ('14.1', 'range(n)', 'range(n + 1)',
     '≈ Nearly. Your derivative number 0 of x ** 4 at x = 2 is number 1 already: one too many.'),
    ('14.1', 'return y.item()', 'return 7.0',
     '✗ Not right. The derivative number 0 of x ** 4 at x = 2 should be 16; yours is 7.'),
    ('14.2', 'x.item() - slope', 'x.item() + slope',
     '≈ Nearly. For exp(x) - 3 * x a step from 0 should lead to 2; yours leads to -2. You go '
     'up: subtract.'),
    ('14.2', 'x.item() - slope.item() / second.item()', '100.0',
     '✗ Not right. For exp(x) - 3 * x a step from 0 should lead to 2; yours leads to 100.'),
    ('14.3', 'F.mean(slopes ** 2)', 'F.sum(slopes ** 2)',
     '≈ Nearly. You sum over the points. Take the mean.'),
    ('14.3', 'F.mean(slopes ** 2)', 'F.mean(slopes)',
     '≈ Nearly. That is the mean of the slopes. Square each of them first: steep up and steep '
     'down must not cancel.'),
    ('14.3', 'F.mean(slopes ** 2)', 'F.max(F.abs(slopes))',
     '✗ Not right. For a small net your penalty is '),
    ('14.4',
     'range(0, 24, 6):\n        x = mc.checkpoint(run(blocks[start:start + 6]), x)',
     'range(24):\n        x = mc.checkpoint(run(blocks[start:start + 1]), x)',
     '≈ Nearly. Your graph keeps 44% of what the plain one keeps. Larger groups keep less.'),
    ('14.4',
     'x = mc.checkpoint(run(blocks[start:start + 6]), x)',
     'x = run(blocks[start:start + 6])(x)',
     '✗ Not right. Your graph keeps 100% of what the plain one keeps. Call mc.checkpoint for '
     'groups of blocks.'),
]
