"""A sound in a notebook: a player, with words for those who cannot hear it."""
from __future__ import annotations

import base64
import html
import io

import numpy as np

from minichain.data import RATE, write_wav


class Sound:
    """A player with a label above it: `Sound(wave, "three five")`.

    wave   samples from -1 to 1 (samples,); the player makes them neither louder nor softer
    label  what is to be heard, in a few words
    rate   samples a second
    """

    def __init__(self, wave, label, rate=RATE):
        self.wave, self.label, self.rate = np.asarray(wave), label, rate

    @property
    def seconds(self) -> float:
        return len(self.wave) / self.rate

    def __repr__(self) -> str:
        return f'Sound: {self.label} ({self.seconds:.2f} s)'

    def _repr_html_(self) -> str:
        file = io.BytesIO()
        write_wav(file, self.wave, self.rate)
        data = base64.b64encode(file.getvalue()).decode('ascii')
        label = html.escape(self.label)
        return (f'<figure style="margin: 4px 0"><figcaption>{label} ({self.seconds:.2f} s)'
                f'</figcaption><audio controls aria-label="{label}" '
                f'src="data:audio/wav;base64,{data}"></audio></figure>')
