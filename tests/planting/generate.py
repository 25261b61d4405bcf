def program(seed): raise NotImplementedError
