"""Rows of the table of operations: elementary functions, algebra, order."""
import math

import numpy as np

import minichain.functions as F
from op_case import Case, elementwise


def each(function):
    """A function of Python numbers, for arrays."""
    return lambda x: np.array([function(v) for v in x.ravel()], x.dtype).reshape(x.shape)


def log_gamma(x):
    return math.inf if x <= 0 and x.is_integer() else math.lgamma(x)


def mixed(name, numpy, **options):
    """Rows of an operation of two arrays: equal shapes, and broadcast ones."""
    return [Case(name, shapes, numpy, batch=(), elementwise=True, note=' '.join(map(str, shapes)),
                 **options) for shapes in ([(3, 4), (3, 4)], [(3, 1), (4,)], [(), ()])]


def logsumexp(x, axis=None, keepdims=False):
    return np.log(np.exp(x).sum(axis=axis, keepdims=keepdims))


def norm(x, axis=None, keepdims=False):
    return np.sqrt((x * x).sum(axis=axis, keepdims=keepdims))


def normalize(x, axis=1, eps=1e-5):
    return x / (norm(x, axis, True) + eps)


def fft(real, imag):
    y = np.fft.fft(real + 1j * imag)
    return y.real, y.imag


def ifft(real, imag):
    y = np.fft.ifft(real + 1j * imag)
    return y.real, y.imag


def positive(x):
    """Symmetric matrices far from singular, made of any."""
    return x @ np.swapaxes(x, -1, -2) + 3 * np.eye(x.shape[-1])


def positive_variable(x):
    return x @ F.swapaxes(x, -1, -2) + 3 * x.xp.eye(x.shape[-1]).astype(x.dtype)


def well_behaved(x):
    return x + 3 * np.eye(x.shape[-1])


def well_behaved_variable(x):
    return x + 3 * x.xp.eye(x.shape[-1]).astype(x.dtype)


PRODUCTS = {'ij,jk->ik': [(3, 4), (4, 2)], 'bij,bkj->bik': [(2, 3, 4), (2, 5, 4)],
            'ij->ji': [(3, 4)], 'ii->i': [(3, 3)], 'iij,j': [(3, 3, 4), (4,)],
            'i,j,k->kji': [(2,), (3,), (4,)], 'ij,k->k': [(3, 4), (2,)],
            '...ij,...jk->...ik': [(5, 1, 3, 4), (2, 4, 3)], 'b...,...->b...': [(3, 2, 4), (2, 4)],
            'ij,ij': [(3, 4), (1, 4)]}

ROWS = [
    *elementwise('tan', np.tan, domain=(-1, 1)),
    *elementwise('arcsin', np.arcsin, domain=(-0.8, 0.8)),
    *elementwise('arccos', np.arccos, domain=(-0.8, 0.8)),
    *elementwise('arctan', np.arctan),
    *mixed('arctan2', np.arctan2),
    *elementwise('sinh', np.sinh),
    *elementwise('cosh', np.cosh),
    *elementwise('log1p', np.log1p, domain=(-0.5, 2)),
    *elementwise('expm1', np.expm1),
    *elementwise('log2', np.log2, domain=(0.5, 2)),
    *elementwise('log10', np.log10, domain=(0.5, 2)),
    *elementwise('rsqrt', lambda x: 1 / np.sqrt(x), domain=(0.5, 2)),
    *elementwise('floor', np.floor, kinks=(-1, 0, 1), gradient=False),
    *elementwise('ceil', np.ceil, kinks=(-1, 0, 1), gradient=False),
    *mixed('fmod', lambda a, b: np.fmod(a * 10, b + 5), domain=(-1, 1),
           call=lambda a, b: F.fmod(a * 10, b + 5)),
    *elementwise('erf', each(math.erf)),
    *elementwise('erfc', each(math.erfc)),
    *elementwise('lgamma', each(log_gamma), domain=(0.3, 12)),
    Case('lgamma', [(3, 4)], each(log_gamma), domain=(-2.3, -0.7), kinks=(-2, -1), batch=(),
         note='negative'),

    # Algebra
    *[Case('einsum', shapes, lambda *xs, subscripts: np.einsum(subscripts, *xs),
           {'subscripts': subscripts}, call=lambda *xs, subscripts: F.einsum(subscripts, *xs),
           batch=(), note=subscripts) for subscripts, shapes in PRODUCTS.items()],
    Case('tensordot', [(3, 4, 2), (4, 2, 5)], np.tensordot),
    Case('tensordot', [(3, 4), (5, 3)], lambda a, b, axes: np.tensordot(a, b, axes),
         {'axes': (0, 1)}, batch=(), note='pairs'),
    Case('bilinear', [(3, 2), (3, 4), (2, 4, 5)],
         lambda a, b, W: np.einsum('ni,nj,ijk->nk', a, b, W), batch=(0, 1)),
    Case('bilinear', [(3, 2), (3, 4), (2, 4, 5), (2, 5), (4, 5), (5,)],
         lambda a, b, W, V1, V2, c: np.einsum('ni,nj,ijk->nk', a, b, W) + a @ V1 + b @ V2 + c,
         batch=(0, 1), note='linear'),
    Case('diagonal', [(3, 4)], np.diagonal, batch=()),
    Case('diagonal', [(2, 3, 4)], np.diagonal, {'offset': 1, 'axis1': -1, 'axis2': 1},
         note='offset'),
    Case('norm', [(3, 4)], norm, batch=()),
    Case('norm', [(3, 4, 2)], norm, {'axis': (1, 2), 'keepdims': True}, note='axes'),
    Case('normalize', [(3, 4)], normalize),
    Case('l2_normalize', [(3, 4)], lambda x: x / np.maximum(norm(x, 1, True), 1e-12)),
    Case('det', [(2, 3, 3)], lambda x: np.linalg.det(well_behaved(x)),
         call=lambda x: F.det(well_behaved_variable(x))),
    Case('inv', [(2, 3, 3)], lambda x: np.linalg.inv(well_behaved(x)),
         call=lambda x: F.inv(well_behaved_variable(x))),
    Case('cholesky', [(2, 3, 3)], lambda x: np.linalg.cholesky(positive(x)),
         call=lambda x: F.cholesky(positive_variable(x)), domain=(-1, 1)),
    Case('fft', [(3, 5), (3, 5)], fft, batch=(0, 1), outputs=2),
    Case('ifft', [(3, 5), (3, 5)], ifft, batch=(0, 1), outputs=2),

    # Along an axis
    Case('cumsum', [(3, 4)], np.cumsum, batch=()),
    Case('cumsum', [(3, 4)], np.cumsum, {'axis': -1}, note='axis'),
    Case('cumprod', [(3, 2)], np.cumprod, batch=()),
    Case('cumprod', [(3, 5)], np.cumprod, {'axis': 1}, note='axis'),
    Case('prod', [(3, 2)], np.prod, batch=()),
    Case('prod', [(3, 5, 2)], np.prod, {'axis': (1, -1), 'keepdims': True}, note='axes'),
    Case('flip', [(3, 4)], np.flip),
    Case('flip', [(3, 4)], np.flip, {'axis': 1}, note='axis'),
    Case('logsumexp', [(3, 4)], logsumexp, batch=()),
    Case('logsumexp', [(3, 4, 2)], logsumexp, {'axis': (1, 2)}, note='axes'),
    Case('logsumexp', [(3, 4)], logsumexp, {'axis': 1, 'keepdims': True}, note='keepdims'),
    Case('sort', [(3, 4)], np.sort),
    Case('sort', [(3, 4)], lambda x: -np.sort(-x, axis=0),
         call=lambda x: F.sort(x, axis=0, descending=True), batch=(), note='descending'),
    Case('topk', [(3, 5)], lambda x: -np.sort(-x)[:, :2], call=lambda x: F.topk(x, 2)[0]),
]
