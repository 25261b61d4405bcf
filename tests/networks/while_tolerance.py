import numpy as np

# logistic regression through one hidden layer, stops when the cost no longer moves
np.random.seed(101)
m = 50
x = np.random.randn(2, m)
y = (x[0] + x[1] > 0).astype(float)[np.newaxis, :]
theta1 = np.random.randn(3, 2) * 0.5  #@ init
theta2 = np.random.randn(1, 3) * 0.5  #@ init

alpha = 0.5
tol = 1e-4
prev_cost, cost = np.inf, 1e9
iterations = 0
while abs(prev_cost - cost) > tol and iterations < 3000:
    prev_cost = cost
    z2 = theta1.dot(x)  #@ theta theta1,theta2
    a2 = 1 / (1 + np.exp(-z2))
    z3 = theta2.dot(a2)
    h = 1 / (1 + np.exp(-z3))
    cost = (-1 / m) * np.sum(y * np.log(h) + (1 - y) * np.log(1 - h))  #@ loss cost
    delta3 = h - y  #@ delta out=h ; swap slug=gradient-ascent old=h-y new=y-h
    delta2 = theta2.T.dot(delta3) * a2 * (1 - a2)  #@ drop slug=wrong-activation-derivative term=(1-a2) ; swap slug=missing-activation-derivative old=theta2.T.dot(delta3)*a2*(1-a2) new=theta2.T.dot(delta3) ; swap slug=activation-formula-on-preactivation old=theta2.T.dot(delta3)*a2*(1-a2) new=theta2.T.dot(delta3)*z2*(1-z2) ; swap slug=double-activation-derivative old=theta2.T.dot(delta3)*a2*(1-a2) new=theta2.T.dot(delta3)*(1/(1+np.exp(-a2)))*(1-1/(1+np.exp(-a2))) ; act f=sigmoid d=a2*(1-a2) a=a2 z=z2
    grad2 = delta3.dot(a2.T) / m  #@ scale n=m ; wg x=a2 bad=z2
    grad1 = delta2.dot(x.T) / m  #@ scale n=m ; grad grad1,grad2
    theta1 = theta1 - alpha * grad1  #@ upd
    theta2 = theta2 - alpha * grad2  #@ upd
    iterations += 1
print("stopped after", iterations, "cost", cost)
