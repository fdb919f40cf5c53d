"""Spoken digits, spectrograms and WAV files."""
import io
import wave as wave_files

import numpy as np
import pytest

import minichain as mc
from minichain import data
from minichain.data import sound

SECONDS = np.arange(sound.RATE) / sound.RATE


@pytest.fixture(scope='module')
def spoken():
    return data.spoken_digits(60, seed=0, voices=data.VOICES[:4])


def test_recordings_follow_from_the_seed(spoken):
    again = data.spoken_digits(60, seed=0, voices=data.VOICES[:4])
    assert all(np.array_equal(a, b) for a, b in zip(spoken.waves, again.waves))
    other = data.spoken_digits(3, seed=1)
    assert not np.array_equal(other.waves[0], spoken.waves[0])


def test_recordings_are_what_they_say(spoken):
    waves, labels, texts, voices = spoken
    assert len(waves) == len(labels) == len(texts) == len(voices) == 60
    for wave, label, text in zip(waves, labels, texts):
        assert wave.dtype == np.float32 and wave.ndim == 1
        assert 0.2 < len(wave) / sound.RATE < 1.5
        assert 0.45 < np.abs(wave).max() < 0.6
        assert label.dtype == np.int32 and text == sound.DIGITS[label[0]]
    assert list(np.bincount(np.concatenate(labels))) == [6] * 10
    assert list(np.bincount(voices)) == [15] * 4


def test_several_digits_in_one_recording():
    waves, labels, texts, _ = data.spoken_digits(8, length=(2, 4))
    assert {len(row) for row in labels} == {2, 3, 4}
    assert [len(text.split()) for text in texts] == [len(row) for row in labels]
    longest = max(range(8), key=lambda i: len(labels[i]))
    shortest = min(range(8), key=lambda i: len(labels[i]))
    assert len(waves[longest]) > len(waves[shortest])
    with pytest.raises(ValueError, match='length is a pair'):
        data.spoken_digits(1, length=(0, 1))
    assert data.spoken_digits(0).labels == []


def describe(wave):
    """A recording without its silence, stretched to 12 moments: their spectrum, mean taken off."""
    frames = data.spectrogram(wave)
    loud = np.flatnonzero(frames.max(axis=1) > frames.max() - 35)
    frames = frames[loud[0]:loud[-1] + 1]
    moments = np.linspace(0, len(frames) - 1, 12).round().astype(int)
    return (frames[moments] - frames[moments].mean()).ravel()


def test_words_of_voices_never_heard_are_recognised(spoken):
    """The nearest mean spectrogram of four voices, for two others; guessing gives 0.1."""
    x, t = np.array([describe(wave) for wave in spoken.waves]), np.concatenate(spoken.labels)
    means = np.array([x[t == digit].mean(axis=0) for digit in range(10)])
    heard = data.spoken_digits(50, seed=1, voices=data.VOICES[4:])
    x = np.array([describe(wave) for wave in heard.waves])
    nearest = ((x[:, None] - means) ** 2).sum(axis=2).argmin(axis=1)
    accuracy = np.mean(nearest == np.concatenate(heard.labels))
    print(f'{accuracy:.2f} of the words are recognised')
    assert accuracy > 0.8


def test_a_voice_has_its_pitch_and_its_speed():
    def period(wave):
        middle = wave[len(wave) // 2:][:1600]
        same = np.correlate(middle, middle, 'full')[len(middle):]
        return 40 + np.argmax(same[40:400]) + 1

    low, high = (data.say('two', data.Voice(pitch=pitch), seed=0) for pitch in (100, 200))
    assert sound.RATE / period(low) == pytest.approx(98, rel=0.1)
    assert sound.RATE / period(high) == pytest.approx(196, rel=0.1)
    slow, fast = (data.say('seven', data.Voice(speed=speed)) for speed in (0.7, 1.4))
    assert len(slow) > 1.4 * len(fast)


def test_vowels_have_their_formants():
    frequency = np.arange(200, 3000, 10)
    for vowel in ('IY', 'AH', 'UW'):
        formants = sound.PHONES[vowel].formants
        ring = np.abs(sound.resonances(frequency, np.array([formants])))[0]
        peaks = frequency[1:-1][(ring[1:-1] > ring[:-2]) & (ring[1:-1] > ring[2:])]
        assert np.allclose(peaks, formants[:len(peaks)], atol=30) and len(peaks) >= 2


def test_an_s_hisses():
    hiss = data.spectrogram(data.say('six'))[:, 30:].max(axis=1)
    assert hiss.max() > data.spectrogram(data.say('one'))[:, 30:].max() + 20


def test_what_cannot_be_said():
    with pytest.raises(ValueError, match="zero, one, .* but not 'ten'"):
        data.say('one ten')
    with pytest.raises(ValueError, match='I can say'):
        data.say('')


@pytest.mark.parametrize('rate', [8000, 22050])
def test_other_rates(rate):
    wave = data.say('one two', rate=rate)
    assert len(wave) / rate == pytest.approx(len(data.say('one two')) / sound.RATE, rel=0.01)
    assert data.spectrogram(wave, rate).shape[1] == 40


# Spectrograms ------------------------------------------------------------------------------------

def test_a_full_sine_has_about_0_db_in_its_band():
    for hz in (300, 1000, 4000):
        frames = data.spectrogram(np.sin(2 * np.pi * hz * SECONDS))
        assert frames.dtype == np.float32 and frames.shape == (98, 40)
        assert abs(frames.max(axis=1).mean()) < 3
        mel = 2595 * np.log10(1 + np.array([80, hz, 8000]) / 700)
        expected = (mel[1] - mel[0]) / (mel[2] - mel[0]) * 41 - 1
        assert abs(frames[5].argmax() - expected) <= 1


def test_ten_times_softer_is_20_db_less():
    loud = data.spectrogram(np.sin(2 * np.pi * 1000 * SECONDS))
    soft = data.spectrogram(0.1 * np.sin(2 * np.pi * 1000 * SECONDS))
    assert np.allclose((loud - soft).max(axis=1), 20, atol=1e-3)


def test_silence_is_at_the_floor_and_short_sounds_have_one_frame():
    assert (data.spectrogram(np.zeros(sound.RATE), floor=-60) == -60).all()
    assert data.spectrogram(np.zeros(3)).shape == (1, 40)
    assert np.isfinite(data.spectrogram(np.zeros(0))).all()
    assert data.spectrogram(SECONDS, bands=64, hop=0.005, highest=4000).shape == (196, 64)


def test_bands_narrower_than_the_spectrum_are_not_empty():
    noise = np.random.default_rng(0).standard_normal(sound.RATE)
    assert data.spectrogram(noise, bands=120).min() > -79


def test_a_wave_has_one_axis(tmp_path):
    with pytest.raises(mc.ShapeError, match='one axis'):
        data.spectrogram(np.zeros((2, 9)))
    with pytest.raises(mc.ShapeError, match='one axis'):
        data.write_wav(tmp_path / 'a.wav', np.zeros((2, 9)))
    with pytest.raises(ValueError, match='too short'):
        data.spectrogram(np.zeros(9), hop=0)
    with pytest.raises(ValueError, match='not finite'):
        data.write_wav(tmp_path / 'a.wav', [0, np.nan])
    assert not (tmp_path / 'a.wav').exists()


# WAV files ---------------------------------------------------------------------------------------

def test_a_wav_file_can_be_read_again(tmp_path):
    wave = np.array([0, 0.5, -0.5, 1, -1, 2, -2], 'float32')
    memory = io.BytesIO()
    data.write_wav(tmp_path / 'a.wav', wave, 8000)
    data.write_wav(memory, wave, 8000)
    assert memory.getvalue() == (tmp_path / 'a.wav').read_bytes()
    with wave_files.open(str(tmp_path / 'a.wav')) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 8000)
        samples = np.frombuffer(file.readframes(99), '<i2')
    assert np.allclose(samples / 32767, np.clip(wave, -1, 1), atol=1e-4)
