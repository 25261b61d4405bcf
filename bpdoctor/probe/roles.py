"""What an argument's name says about it: data, weight, bias, label, size, switch. Only ever a first guess."""

from __future__ import annotations

import re

_ROLES: tuple[tuple[str, str], ...] = (
    # sizes and settings: plain numbers
    ("rate", r"lr|learning_?rate|learn_?rate|eta|rate|step_?size|taxa_?\w*"),
    ("epochs", r"\w*epochs?|\w*epocas?|\w*iter(ation)?s?|num_?iters?|n_?steps|times|max_\w+|num_iterations|niter"),
    ("batch", r"(mini_?)?batch_?(size)?|bs"),
    ("n_in", r"(n|num|size|dim)?_?(in|input|inputs|features|visible|entradas?|inp|entrada)(_?(size|dim|dims|nodes|"
             r"units|features|neurons|layer|layer_size|num|n|shape|neuronios|count|d))?|n_(x|i|in|"
             r"features|inputs)|nx|d_?in|"
             r"(size|dim|input)_?in|fan_?in|ni|inodes|inputnodes|input_?shape|embed\w*|d_?model|feature\w*|dim"),
    ("n_hidden", r"(n|num|size|dim|neurons)?_?(per_)?(hidden|hid|ocultas?|middle|mid)(_?(size|dim|dims|nodes|"
                 r"units|neurons|"
                 r"layer|layers|layer_size|num|n|layer_neurons|width|\d))*|n_(h|a)|nh|na|hnodes|hiddennodes|(n_|"
                 r"num_)?(units|neurons|nodes)|num_units|neuronios"),
    ("n_out", r"(n|num|size|dim)?_?(out|output|outputs|classes|saidas?|class|outp)(_?(size|dim|dims|nodes|units|"
              r"features|neurons|layer|layer_size|num|n|shape|count|d))?|n_(y|o|out|classes)|ny|d_?out|no|"
              r"onodes|outputnodes|classes"),
    ("n_time", r"seq(uence)?_?(len|length)|time_?steps|t_?x|n_?timesteps|bptt\w*"),
    ("vocab", r"vocab(ulary)?_?(size|len)?"),
    ("layers", r"layers?|layer_?(sizes|dims|dimensions|nodes|units|list)|sizes|dims|shape|architecture|arch|"
               r"topology|structure|nn_?arch\w*|num_?units|nodes|capas|camadas"),
    ("channels", r"(in|input)_?(ch|channels?)(_?size)?|channels?|(n|num)_?(of_)?channels|c_?in"),
    ("filters", r"(out|output)_?(ch|channels?)(_?size)?|(n|num|number)?_?(of_)?(filters?|kernels)|n_?f|c_?out|depth"),
    ("kernel", r"(kernel|filter|pool|window|patch|k)_?(size|height|width|shape|dim)?|k|ks|f|hh|ww|"
               r"(pool|kernel|filter)_(h|w|height|width)|[hw]_(filter|kernel|pool)|f?w[xy]_size|size"),
    ("stride", r"strides?|s"),
    ("pad", r"pad(ding)?|pads|p_?size"),
    ("groups", r"g|groups?|num_groups"),
    ("heads", r"(n|num|number)?_?(of_)?(attention_?|attn_?)?heads?"),
    ("probability", r"p|(keep|drop(out)?|retain)_?(prob(ability)?|rate|p)?|p_?drop(out)?|prob"),
    ("regularisation", r"reg(ularization)?(_?\w*)?|lam(b|bd|bda|da)?\d?|lmbda|l[12](_\w+)?|weight_?decay|decay"),
    ("small", r"eps(ilon)?|tol\w*"),
    ("slope", r"alpha|slope|leak\w*|negative_slope|a_?slope"),
    ("momentum", r"momentum|mom|beta_?[12]"),
    ("deviation", r"(init_?)?(weight_?)?(std|scale)|init_scale|sigma|weight_?scale"),
    ("temperature", r"tau|temp(erature)?|delta|margin"),
    ("training", r"(is_?)?train(ing)?(_mode)?|mode|training"),
    ("kept", r"(save|store|keep|retain|remember|return|with|use)_?(the_)?(cache|grad|for_back|intermediate|activation|"
             r"state)\w*|save|store|retain|remember|for_back\w*|requires_grad"),
    ("quiet", r"verbose|debug|print_?\w*|plot\w*|show\w*|log(ging|_?(every|interval|level|file|dir|freq\w*))?|"
              r"display\w*|is_debugging|monitor\w*"),
    ("axis", r"axis|dim"),
    ("seed", r"(random_?)?(seed|state)|seed_?\w*"),
    ("generator", r"rng|rs|random|generator"),
    ("name", r"name|label_?name"),
    ("mask", r"mask\w*"),
    # arrays
    ("state", r"h_?prev(_?t)?|prev_?h|h_?0|a_?0|s_?prev|prev_?s|c_?prev(_?t)?|prev_?c|a_?prev|c_?0|(initial|init|prev|"
              r"previous|last)_?(hidden|"
              r"state|cell|h|a|c|memory)(_?state)?|hidden(_state)?|state|h_?t?_?1|h_?in|hs?_?old|h_?t?minus\w*"),
    ("labels", r"y|ys|y_?(true|train|batch|real|data|act\w*|gt|target|label|tr)|t|targets?|labels?|tags?|truth|"
               r"ground_?truth|expected"
               r"(_\w+)?|desired(_\w+)?|actual|alvo|real|y_?i|onehot|one_hot\w*|classes_true|yt|l"),
    ("prediction", r"y_?(hat|pred|prob|proba|out|output|h)\w*|pred\w*|predicted\w*|probs?|p_?hat|al|yhat|output\w*|out|"
                   r"forecast|logits?|scores?|estimates?|o|a_?out|guess"),
    ("rec", r"w_?(hh|aa|rec|ss|h|prev|s)|u|u_?[a-z]|whh|waa|w_?hidden"),
    ("out_bias", r"b_?(y|hy|ya|out|o2)"),
    ("out_weight", r"w_?(y|hy|ya|out|hq)|why|wya|v_?y"),
    ("gain", r"gamma|beta|gain|shift|g_?scale|scale"),
    ("bias", r"b|b_?[a-z]{1,2}|bias(es)?\w*|thresholds?|bs"),
    ("weight", r"w|w_?[a-z]{1,2}|ws|weights?\w*|theta\w*|pesos|w_?\w{0,3}|wts|coef\w*|params?_w"),
    ("filter", r"kernel|filters?|conv_?w"),
    ("activation", r"\w*activat\w*|act(_?(fn|func|fun|function|f))?|nonlin\w*|funcao\w*|transfer\w*|func|fn|f"),
    ("loss", r"\w*loss\w*|cost\w*|criterion|objective"),
    ("optimizer", r"opt(im(i[sz]er)?)?|optimi[sz]er"),
)  # fmt: skip
_COMPILED = tuple((role, re.compile(rf"(?:{pattern})$")) for role, pattern in _ROLES)
# Words that are arrays in a call and sizes in a constructor.
_BARE = {
    **dict.fromkeys(
        ("in", "input", "inputs", "inp", "features", "entrada", "entradas", "visible", "n", "d"), ("data", "n_in")
    ),
    **dict.fromkeys(("out", "output", "outputs", "outp", "saida", "saidas", "m"), ("prediction", "n_out")),
    **dict.fromkeys(("hidden", "hid", "h", "oculta", "ocultas"), ("state", "n_hidden")),
    **dict.fromkeys(("class", "classes"), ("labels", "n_out")),
}
_STATE = next(pattern for role, pattern in _COMPILED if role == "state")
_INPUT = re.compile(
    r"^(x|z|a|v|in|inp)(_.*)?$|^x|data|input|feature|sample|example|pattern|imag|img|entrad|eingabe|batch|signal|sequence|"
    r"text|sentence|word|token|point|obs"
)
_CONTAINER = re.compile(r"_(list|arr(ay)?|vec(tor)?|matrix|mat|values?|set)$")
_CACHE = re.compile(r"\w*(cache|memory|memo|ctx|context|saved|tape)\w*$")
_COTANGENT = re.compile(
    r"(d|d_|dl_?d|dl_|grad_?|g_|delta_?|nabla_?|del_?|error_?|err_?|up_?stream_?|top_?|loss_?grad\w*|adj_?)"
    r"[a-z0-9_]*$|\w+_?(grad(ient)?s?|delta|error|err|diff|cotangent)(_\w+)?$|eta$|g$|gy$|accum_grad$|residual$"
)
_NOT_COTANGENT = frozenset({"data", "data_in", "dim", "dims", "depth", "dropout", "dropout_rate", "decay", "drop_prob"})
_SETTINGS = frozenset(role for role, _ in _ROLES[:30])


def plain(name: str) -> str:
    """A name without case, digits and outer underscores."""
    snake = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)
    return re.sub(r"\d+", "", snake).strip("_").lower()


def role_of(name: str) -> str:
    """The first role whose pattern the whole name matches; "data" otherwise."""
    if re.fullmatch(r"[XZA]\d*|[AZX]_?prev|x\w?t?", name):
        return "data"
    text = plain(name) or name.lower()
    if _STATE.match(name.lower()):
        return "state"
    if text in _BARE:
        return _BARE[text][0]
    if name[:1] in "HTCG" and len(name) == 1:
        return "data" if name == "H" else ("labels" if name == "T" else "groups" if name == "G" else "n_out")
    for role, pattern in _COMPILED:
        if pattern.match(text) or pattern.match(name.lower()):
            return role
    bare = _CONTAINER.sub("", text)
    return role_of(bare) if bare and bare != text else "data"


def is_guessed(name: str) -> bool:
    """Whether a name says nothing, so that an array like the inputs is only what is tried."""
    return role_of(name) == "data" and _INPUT.search(plain(name) or name.lower()) is None


def size_role(name: str) -> str:
    """Role of a constructor's argument: a bare `input` is a number there."""
    text = plain(name) or name.lower()
    if len(name) == 1 and name in "DHC":
        return {"D": "n_in", "H": "n_hidden", "C": "n_out"}[name]
    return _BARE[text][1] if text in _BARE else role_of(name)


def is_setting(role: str) -> bool:
    """Whether a role is a plain number, a switch or a name, never an array."""
    return role in _SETTINGS


def is_cache(name: str) -> bool:
    """What a forward function hands to its backward function."""
    return _CACHE.match(plain(name)) is not None


def is_cotangent(name: str) -> bool:
    """What comes from above into a backward function."""
    text = plain(name)
    return text not in _NOT_COTANGENT and _COTANGENT.match(text) is not None


_PREFIX = re.compile(r"^(d_?l_?d_?|dloss_?d?|grads?_?(of_)?|gradient_?|nabla_?|delta_?|d_|d|g_)")
_SUFFIX = re.compile(r"_?(grads?|gradients?|deriv(ative)?|delta|_d|_bar|diff)$")


def differentiated(name: str) -> str:
    """Name of what a gradient is the gradient of: `dW1`, `grad_W1`, `W1_grad` are of `w1`."""
    text = name.strip("_")
    low = text.lower()
    bare = _SUFFIX.sub("", low)
    if bare and bare != low:
        return squeezed(bare)
    bare = _PREFIX.sub("", low)
    return squeezed(bare) if bare and bare != low else ""


def squeezed(name: str) -> str:
    """A name as it is compared: lower case, no underscores."""
    return name.lower().replace("_", "")
