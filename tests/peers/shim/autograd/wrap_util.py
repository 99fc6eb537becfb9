"""From operators on functions of one argument to operators on functions of several."""

from .extend import name_of


def unary_to_nary(operator):
    """Let operator(fun, x) work on any argument of fun, or on a tuple of them."""

    def on_several(fun, argnum=0, *options, **named):
        def operated(*args, **kwargs):
            def unary(x):
                filled = list(args)
                for n, value in [(argnum, x)] if one else zip(argnum, x, strict=True):
                    filled[n] = value
                return fun(*filled, **kwargs)

            unary.__name__ = name_of(fun)
            one = isinstance(argnum, int)
            x = args[argnum] if one else tuple([args[n] for n in argnum])
            return operator(unary, x, *options, **named)

        operated.__name__ = f"{operator.__name__}_of_{name_of(fun)}_wrt_argnum_{argnum}"
        return operated

    on_several.__name__ = operator.__name__
    return on_several
