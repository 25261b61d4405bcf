# tries: finite differences instead of a formula: allowed, and told to the instructor
# base: right
# must: 6 flagged
def dense_backward(dout, cache):
    x, W = cache
    b, step, found = np.zeros(W.shape[1]), 1e-6, []
    for array in (x, W, b):
        slopes = np.zeros(array.shape)
        for index in np.ndindex(array.shape):
            kept = array[index]
            array[index] = kept + step
            upper = np.sum((x @ W + b) * dout)
            array[index] = kept - step
            lower = np.sum((x @ W + b) * dout)
            array[index] = kept
            slopes[index] = (upper - lower) / (2 * step)
        found.append(slopes)
    return tuple(found)
