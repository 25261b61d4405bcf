# 三层神经网络：手写反向传播
import numpy as np

np.random.seed(66)
学习率 = 0.5
样本数 = 40
输入 = np.random.randn(样本数, 3)
标签 = (输入[:, 0] * 输入[:, 1] > 0).astype(int)
独热 = np.eye(2)[标签]  #@ swap slug=label-mismatch old=np.eye(2)[标签] new=np.eye(2)[np.sort(标签)] skip=1

权重1 = np.random.randn(3, 7) * 0.5  #@ init
偏置1 = np.zeros(7)
权重2 = np.random.randn(7, 2) * 0.5  #@ init
偏置2 = np.zeros(2)

for 轮次 in range(500):
    # 前向传播
    净输入1 = 输入 @ 权重1 + 偏置1  #@ theta 权重1,偏置1,权重2,偏置2
    隐藏层 = np.tanh(净输入1)
    得分 = 隐藏层 @ 权重2 + 偏置2
    指数 = np.exp(得分 - 得分.max(axis=1, keepdims=True))
    概率 = 指数 / 指数.sum(axis=1, keepdims=True)
    损失 = -np.mean(np.sum(独热 * np.log(概率), axis=1))  #@ loss 损失
    # 反向传播
    误差2 = (概率 - 独热) / 样本数  #@ scale n=样本数 u=1 ; delta out=概率 ; swap slug=gradient-ascent old=概率-独热 new=独热-概率
    误差1 = 误差2 @ 权重2.T * (1 - 隐藏层 ** 2)  #@ act f=tanh d=(1-隐藏层**2) a=隐藏层 z=净输入1 ; mark 用权重2
    权重2 -= 学习率 * 隐藏层.T @ 误差2  #@ upd before=用权重2 ; wg x=隐藏层 bad=净输入1
    偏置2 -= 学习率 * 误差2.sum(axis=0)  #@ upd ; bg
    权重1 -= 学习率 * 输入.T @ 误差1  #@ upd
    偏置1 -= 学习率 * 误差1.sum(axis=0)  #@ upd ; bg ; implied 学习率
    if 轮次 % 100 == 0:
        print(f"第{轮次}轮 损失 {损失:.4f}")
print("准确率", np.mean(概率.argmax(axis=1) == 标签))
