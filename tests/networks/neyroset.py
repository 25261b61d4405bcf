import math
import random

random.seed(15)


# Нейронная сеть на чистом Python: веса хранятся списками
def сигмоида(x):
    return 1.0 / (1.0 + math.exp(-x))


def скалярное(a, b):
    return sum(p * q for p, q in zip(a, b))


вход_выход = [((0.0, 0.2), (0.1,)), ((0.9, 0.1), (0.8,)), ((0.2, 0.8), (0.7,)), ((0.8, 0.9), (0.2,))]
скрытых = 3
веса_скрытые = [[random.uniform(-1, 1) for _ in range(3)] for _ in range(скрытых)]  #@ stmt slug=aliased-state new=веса_скрытые~=~[[random.uniform(-1,~1)~for~_~in~range(3)]]~*~скрытых
веса_выхода = [[random.uniform(-1, 1) for _ in range(скрытых + 1)]]
скорость = 0.8

for эпоха in range(1000):
    ошибка = 0.0
    for x, цель in вход_выход:
        вход = list(x) + [1.0]  #@ theta веса_скрытые,веса_выхода
        скрытый = [сигмоида(скалярное(w, вход)) for w in веса_скрытые] + [1.0]
        выход = [сигмоида(скалярное(w, скрытый)) for w in веса_выхода]
        ошибка += sum(0.5 * (ц - в) ** 2 for ц, в in zip(цель, выход))  #@ loss sum(0.5 * (ц - в) ** 2 for ц, в in zip(цель, выход))

        дельта_выхода = [(в - ц) * в * (1 - в) for ц, в in zip(цель, выход)]  #@ swap slug=gradient-ascent old=в-ц new=ц-в ; drop slug=wrong-activation-derivative term=(1-в) ; act f=sigmoid d=в*(1-в) a=в
        дельта_скрытая = []
        for j in range(скрытых):
            сумма = 0.0
            for k in range(len(выход)):
                сумма += дельта_выхода[k] * веса_выхода[k][j]  #@ swap slug=backpropagated-error-wrong old=дельта_выхода[k]*веса_выхода[k][j] new=дельта_выхода[k] ; mark используется
            дельта_скрытая.append(сумма * скрытый[j] * (1 - скрытый[j]))  #@ drop slug=wrong-activation-derivative term=(1-скрытый[j]) ; swap slug=missing-activation-derivative old=сумма*скрытый[j]*(1-скрытый[j]) new=сумма ; swap slug=missing-upstream-gradient old=сумма*скрытый[j]*(1-скрытый[j]) new=скрытый[j]*(1-скрытый[j])

        for k in range(len(веса_выхода)):
            for j in range(скрытых + 1):
                веса_выхода[k][j] -= скорость * дельта_выхода[k] * скрытый[j]  #@ upd
        for j in range(скрытых):
            for i in range(3):
                веса_скрытые[j][i] -= скорость * дельта_скрытая[j] * вход[i]  #@ upd
        pass  #@ implied скорость
    if эпоха % 250 == 0:
        print("эпоха", эпоха, "ошибка", ошибка)
print([round(сигмоида(скалярное(веса_выхода[0], скрытый)), 3)])
