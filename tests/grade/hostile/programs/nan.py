# tries: to answer NaN, which is never different
# base: right
# must: 4
def sigmoid(z):
    return z * np.nan
