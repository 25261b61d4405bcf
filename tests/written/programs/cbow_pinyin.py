import numpy as np

np.random.seed(2)
wenben = "mao he gou he mao kan gou he gou kan mao he niao kan mao he mao fei niao fei niao he gou".split()
cihui = sorted(set(wenben))
bianhao = {c: i for i, c in enumerate(cihui)}
xulie = [bianhao[c] for c in wenben]
cidaxiao, weidu, chuangkou = len(cihui), 5, 2

qianru = np.random.randn(cidaxiao, weidu) * 0.4
shuchu = np.random.randn(weidu, cidaxiao) * 0.4
pianzhi = np.zeros(cidaxiao)

yangben = []
for i in range(chuangkou, len(xulie) - chuangkou):
    shangxiawen = np.array(xulie[i - chuangkou:i] + xulie[i + 1:i + 1 + chuangkou])
    yangben.append((shangxiawen, xulie[i]))


def qianxiang(shangxiawen):
    h = qianru[shangxiawen].mean(axis=0)
    fen = h @ shuchu + pianzhi
    e = np.exp(fen - fen.max())
    return h, e / e.sum()


def sunshi(shangxiawen, mubiao):
    return -np.log(qianxiang(shangxiawen)[1][mubiao])


def xunlian_yibu(shangxiawen, mubiao, xuexilv):
    global shuchu, pianzhi
    h, gailv = qianxiang(shangxiawen)
    d_fen = gailv.copy()
    d_fen[mubiao] -= 1
    d_h = shuchu @ d_fen
    shuchu = shuchu - xuexilv * np.outer(h, d_fen)
    pianzhi = pianzhi - xuexilv * d_fen
    np.add.at(qianru, shangxiawen, -xuexilv * d_h / len(shangxiawen))


if __name__ == "__main__":
    for lun in range(120):
        zong = 0.0
        for s, m in yangben:
            zong += sunshi(s, m)
            xunlian_yibu(s, m, 0.15)
        if lun % 40 == 0 or lun == 119:
            print("lun", lun, "sunshi", zong / len(yangben))
