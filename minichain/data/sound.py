"""Sound: spoken digits from a small speech synthesiser, their spectrograms, and WAV files.

Speech is made as the body makes it: the vocal folds give short pulses, and each pulse rings in the
throat and the mouth, whose resonances are called formants. Hissing sounds are noise instead of
pulses. Here each pulse, and each short piece of noise, is a "grain" with a spectrum of its own;
a word is the sum of its grains. (Klatt 1980; vowels after Peterson and Barney 1952)
"""
import wave as wave_files
from typing import NamedTuple

import numpy as np

from ..errors import ShapeError

RATE = 16000                                # samples a second, where nothing else is said
STEP = 0.001                                # seconds between two values that steer the voice
GLIDE, ATTACK = 0.05, 0.015                 # seconds in which formants and loudness change
PULSE, HISS = 0.032, 0.008                  # seconds that a grain of each kind lasts
LEAD = 0.001                                # seconds of a grain before its pulse
BANDWIDTHS = (70, 100, 140, 250)            # Hz, one a formant
FOURTH_FORMANT = 3500                       # Hz, in every sound
SILENCE = (0.03, 0.12)                      # seconds before, between and after the words
LARGEST_SAMPLE = 2 ** 15 - 1                # of a WAV file with 16 bits


class Phone(NamedTuple):
    """One sound of a word.

    seconds   how long it lasts
    formants  the three lowest resonances in Hz
    voice     how loud the vocal folds are: 1 for a vowel
    noise     how loud the hiss is, on the same scale
    centre    the frequency of the hiss in Hz, and `width`, how far it spreads
    """

    seconds: float
    formants: tuple
    voice: float = 1.0
    noise: float = 0.0
    centre: float = 4000.0
    width: float = 1000.0


class Voice(NamedTuple):
    """A speaker.

    pitch  pulses a second (Hz)
    scale  the formants are so many times those of a man: a shorter throat has higher ones
    speed  how many times as fast as usual
    """

    pitch: float = 110.0
    scale: float = 1.0
    speed: float = 1.0


VOICES = (Voice(110, 1.0, 1.0), Voice(210, 1.16, 1.0), Voice(90, 0.95, 0.85),
          Voice(180, 1.1, 1.15), Voice(135, 1.04, 1.1), Voice(250, 1.22, 0.95))

PHONES = {
    'IY': Phone(0.15, (270, 2290, 3010)), 'IH': Phone(0.1, (390, 1990, 2550)),
    'EH': Phone(0.11, (530, 1840, 2480)), 'AH': Phone(0.13, (640, 1190, 2390)),
    'AO': Phone(0.14, (570, 840, 2410)), 'AA': Phone(0.12, (730, 1090, 2440)),
    'UW': Phone(0.19, (300, 870, 2240)), 'OW': Phone(0.13, (450, 900, 2350)),
    'EY': Phone(0.12, (480, 1950, 2550)),
    'R': Phone(0.08, (350, 1150, 1550), 0.6), 'W': Phone(0.08, (290, 610, 2150), 0.5),
    'N': Phone(0.1, (270, 1500, 2500), 0.3),
    'V': Phone(0.07, (300, 1100, 2300), 0.3, 0.08, 5000, 2500),
    'Z': Phone(0.1, (300, 1700, 2500), 0.25, 0.2, 5800, 1200),
    'S': Phone(0.14, (320, 1700, 2500), 0.0, 0.4, 6000, 1200),
    'F': Phone(0.12, (340, 1100, 2100), 0.0, 0.12, 5000, 3000),
    'TH': Phone(0.11, (320, 1300, 2500), 0.0, 0.08, 6500, 1500),
    # A closed mouth, then a burst (in small letters), then breath.
    'T': Phone(0.05, (350, 1800, 2600), 0.0), 'K': Phone(0.06, (300, 1900, 2500), 0.0),
    't': Phone(0.025, (350, 1800, 2600), 0.0, 0.5, 4500, 1500),
    'k': Phone(0.025, (300, 1900, 2500), 0.0, 0.5, 2300, 500),
    'h': Phone(0.03, (400, 1700, 2600), 0.0, 0.1, 2500, 1500),
}

WORDS = {
    'zero': 'Z IH R OW UW', 'one': 'W AH N', 'two': 'T t h UW', 'three': 'TH R IY',
    'four': 'F AO R', 'five': 'F AA IH V', 'six': 'S IH K k S', 'seven': 'S EH V AH N',
    'eight': 'EY IH T t h', 'nine': 'N AA IH N',
}
DIGITS = tuple(WORDS)


class SpokenDigits(NamedTuple):
    """Recordings: sound, the digits that are said, the same as text, and the number of the voice.

    waves   a list of float32 arrays, samples from -1 to 1     labels  a list of int32 arrays
    texts   a list such as 'three five'                        voices  an int32 array
    """

    waves: list
    labels: list
    texts: list
    voices: np.ndarray


def spoken_digits(count, seed=0, voices=VOICES, length=(1, 1), noise=0.005, rate=RATE):
    """Recordings of spoken digits, made by a synthesiser, each said a little differently.

    voices  who speaks: Voices, in turn. Held out for testing: spoken_digits(100, voices=VOICES[4:])
    length  the fewest and the most digits of a recording
    noise   the standard deviation of the noise in the room; the loudest sample of speech is 0.5
    rate    samples a second

    Returns SpokenDigits (waves, labels, texts, voices). Recordings of one digit each say the ten
    digits equally often: np.concatenate(labels) is then an array (count,).
    """
    random = np.random.default_rng(seed)
    shortest, longest = length
    if not 1 <= shortest <= longest:
        raise ValueError(f'length is a pair such as (1, 5), not {length!r}.')
    sizes = random.integers(shortest, longest + 1, count)
    ends = np.cumsum(sizes)
    spoken = random.permutation(np.arange(sizes.sum(), dtype='int32') % len(DIGITS))
    labels = np.split(spoken, ends[:-1]) if count else []
    texts = [' '.join(DIGITS[digit] for digit in digits) for digits in labels]
    numbers = np.arange(count, dtype='int32') % len(voices)
    waves = []
    for text, number in zip(texts, numbers):
        pitch, scale, speed = voices[number] * random.normal(1, (0.06, 0.02, 0.08))
        wave = say(text, Voice(pitch, scale, max(speed, 0.3)), rate, random)
        wave += noise * random.standard_normal(len(wave), 'float32')
        waves.append(wave)
    return SpokenDigits(waves, labels, texts, numbers)


def say(text, voice=VOICES[0], rate=RATE, seed=0):
    """The sound of words from 'zero' to 'nine': float32 samples, the loudest is 0.5.

    seed  a number, or a NumPy Generator to draw the hiss and the pauses from

    Raises ValueError for other words.
    """
    random = np.random.default_rng(seed)
    unknown = [word for word in text.split() if word not in WORDS]
    if unknown or not text.split():
        raise ValueError(f'I can say {", ".join(WORDS)}, but not {(unknown or [text])[0]!r}.')
    tracks = steer(text.split(), voice, random)
    length = len(tracks.voice)
    wave = np.zeros(int(length * STEP * rate) + int(2 * PULSE * rate), 'float32')
    add_pulses(wave, tracks, voice, rate)
    add_noise(wave, tracks, rate, random)
    return 0.5 * wave / np.abs(wave).max()


class Tracks(NamedTuple):
    """What steers the voice, one value every STEP: formants (steps, 3), all others (steps,)."""

    formants: np.ndarray
    voice: np.ndarray
    noise: np.ndarray
    centre: np.ndarray
    width: np.ndarray


def steer(words, voice, random):
    """The tracks of words: each phone holds its values, with glides from one to the next."""
    phones = []
    for word in words:
        named = [PHONES[name] for name in WORDS[word].split()]
        pause = random.uniform(*SILENCE) * voice.speed
        phones += [named[0]._replace(seconds=pause, voice=0.0, noise=0.0), *named]
    pause = random.uniform(*SILENCE) * voice.speed
    phones.append(phones[-1]._replace(seconds=pause, voice=0.0, noise=0.0))
    steps = [max(1, round(phone.seconds / voice.speed / STEP)) for phone in phones]

    def track(values, seconds):
        return smooth(np.repeat(np.array(values, float), steps, axis=0), round(seconds / STEP))

    return Tracks(track([phone.formants for phone in phones], GLIDE) * voice.scale,
                  track([phone.voice for phone in phones], ATTACK),
                  track([phone.noise for phone in phones], ATTACK / 2),
                  track([phone.centre for phone in phones], ATTACK),
                  track([phone.width for phone in phones], ATTACK))


def smooth(track, width):
    """The weighted mean of so many neighbours (a Hann window), along the first axis."""
    window = np.hanning(width + 2)[1:-1]
    window /= window.sum()
    before, after = width // 2, width - 1 - width // 2
    columns = np.pad(track.reshape(len(track), -1), [(before, after), (0, 0)], mode='edge')
    smoothed = [np.convolve(column, window, mode='valid') for column in columns.T]
    return np.stack(smoothed, axis=1).reshape(track.shape)


def resonances(frequency, formants):
    """How strongly, and how late, each frequency rings: (pulses, frequencies), complex.

    A formant at F Hz that is B Hz wide is a filter with a pair of poles:
    H(s) = |p|² / ((s - p)(s - p*)), with p = -πB + 2πiF and s = 2πi frequency.
    """
    s = 2j * np.pi * frequency
    response = np.ones((len(formants), len(frequency)), complex)
    fourth = np.full((len(formants), 1), float(FOURTH_FORMANT))
    for centre, bandwidth in zip(np.hstack([formants, fourth]).T, BANDWIDTHS):
        pole = (-np.pi * bandwidth + 2j * np.pi * centre)[:, None]
        response *= np.abs(pole) ** 2 / ((s - pole) * (s - pole.conj()))
    return response


def add_pulses(wave, tracks, voice, rate):
    """Add the voice: one grain for each pulse of the vocal folds.

    The pulses themselves lose 12 dB an octave, of which the lips give back 6: i f / (1 + i f / g)²
    with g = 100 Hz.
    """
    steps = len(tracks.voice)
    pitch = voice.pitch * np.linspace(1.1, 0.85, steps)         # falls, as at the end of a sentence
    turns = np.cumsum(pitch) * STEP
    times = np.interp(np.arange(1, turns[-1]), turns, np.arange(steps)) * STEP
    at = np.minimum((times / STEP).astype(int), steps - 1)
    size = int(PULSE * rate)
    frequency = np.fft.rfftfreq(size, 1 / rate)
    starts = (times * rate).astype(int)
    late = times + LEAD - starts / rate                     # within the grain, in seconds
    source = 1j * frequency / 100 / (1 + 1j * frequency / 100) ** 2
    spectra = source * resonances(frequency, tracks.formants[at])
    spectra *= np.exp(-2j * np.pi * frequency * late[:, None])
    fade = np.minimum(1, np.linspace(4, 0, size))
    add_grains(wave, starts, np.fft.irfft(spectra, size) * fade, tracks.voice[at],
               rate / voice.pitch)


def add_noise(wave, tracks, rate, random):
    """Add the hiss: overlapping grains of noise, each around the frequency of its moment."""
    hop = int(HISS * rate / 2)
    size = 2 * hop
    starts = np.arange(0, int(len(tracks.noise) * STEP * rate), hop)
    at = np.minimum((starts / rate / STEP).astype(int), len(tracks.noise) - 1)
    frequency = np.fft.rfftfreq(size, 1 / rate)
    away = (frequency - tracks.centre[at, None]) / tracks.width[at, None]
    phases = np.exp(2j * np.pi * random.random((len(at), len(frequency))))
    window = np.hanning(size + 1)[:-1]
    grains = np.fft.irfft(np.exp(-away ** 2 / 2) * phases, size) * window
    add_grains(wave, starts, grains, tracks.noise[at], hop)


def add_grains(wave, starts, grains, loudness, distance):
    """Add short sounds (grains, samples) to a wave, each from its start on.

    loudness  (grains,): the root mean square of the wave when a grain comes every `distance`
              samples
    """
    energy = np.sqrt((grains ** 2).sum(axis=1) / distance)
    for start, grain in zip(starts, grains * (loudness / energy)[:, None]):
        part = wave[start:start + len(grain)]
        part += grain[:len(part)]


def spectrogram(wave, rate=RATE, window=0.025, hop=0.01, bands=40, lowest=80.0, highest=None,
                floor=-80.0):
    """How loud each pitch is at each moment, as the ear hears it: an array (T, bands) in dB.

    wave     samples from -1 to 1 (samples,)   rate   samples a second
    window   seconds that are looked at together; hop: seconds from one look to the next
    bands    so many bands, equally wide in mel = 2595 log10(1 + Hz / 700), the ear's scale
    lowest, highest   the ends of the bands in Hz; highest is rate / 2 where nothing is said
    floor    dB, below which nothing is told apart; a full sine wave has about 0 dB in its band

    Time first, float32; T = 1 + (samples - window) // hop, and 1 for a shorter sound, which is
    filled up with silence. Raises ShapeError for other than one axis, ValueError for a window or
    a hop of no samples. (Davis and Mermelstein 1980)
    """
    wave = np.asarray(wave, 'float32')
    if wave.ndim != 1:
        raise ShapeError(f'A wave has one axis (samples,), but got the shape {wave.shape}.')
    size, step = round(window * rate), round(hop * rate)
    if size < 2 or step < 1:
        raise ValueError(f'At {rate} samples a second, a window of {window} s and a hop of {hop} s '
                         'are too short.')
    if len(wave) < size:
        wave = np.pad(wave, (0, size - len(wave)))
    frames = np.lib.stride_tricks.sliding_window_view(wave, size)[::step]
    hann = np.hanning(size + 1)[:-1].astype('float32')
    power = np.abs(np.fft.rfft(frames * hann) / (hann.sum() / 2)) ** 2
    filters = mel_filters(bands, lowest, highest or rate / 2, np.fft.rfftfreq(size, 1 / rate))
    level = 10 * np.log10(np.maximum(power @ filters, 1e-20))
    return np.maximum(level, floor).astype('float32')


def mel_filters(bands, lowest, highest, frequency):
    """Triangles over the frequencies, (frequencies, bands): where one is highest, the next begins.

    A band that is narrower than the distance of two frequencies gets the nearest one.
    """
    mel = np.linspace(*(2595 * np.log10(1 + hz / 700) for hz in (lowest, highest)), bands + 2)
    edges = 700 * (10 ** (mel / 2595) - 1)
    left, middle, right = edges[:-2], edges[1:-1], edges[2:]
    rise = (frequency[:, None] - left) / (middle - left)
    fall = (right - frequency[:, None]) / (right - middle)
    filters = np.maximum(0, np.minimum(rise, fall))
    empty = filters.sum(axis=0) == 0
    nearest = np.abs(frequency[:, None] - middle).argmin(axis=0)
    filters[nearest[empty], np.flatnonzero(empty)] = 1
    return filters


def write_wav(path, wave, rate=RATE):
    """Write a sound to a WAV file with 16 bits a sample; louder than -1 to 1 is cut off.

    path  a path, or a file that is open for writing bytes

    Raises ShapeError for other than one axis, ValueError for samples that are no numbers.
    """
    wave = np.asarray(wave)
    if wave.ndim != 1:
        raise ShapeError(f'A wave has one axis (samples,), but got the shape {wave.shape}.')
    if not np.isfinite(wave).all():
        raise ValueError('The wave has samples that are not finite numbers.')
    samples = (np.clip(wave, -1, 1) * LARGEST_SAMPLE).round().astype('<i2')
    with wave_files.open(path if hasattr(path, 'write') else str(path), 'wb') as file:
        file.setnchannels(1)
        file.setsampwidth(samples.itemsize)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())
