# -*- coding: utf-8 -*-
import numpy as np


def sigmoide(soma):
    return 1 / (1 + np.exp(-soma))


def derivada_sigmoide(sig):
    return sig * (1 - sig)


entradas = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
saidas = np.array([[0], [1], [1], [0]])

np.random.seed(33)
pesos0 = 2 * np.random.random((2, 3)) - 1  #@ init
pesos1 = 2 * np.random.random((3, 1)) - 1  #@ init

epocas = 3000
taxa_aprendizagem = 0.6
momento = 1

for j in range(epocas):
    camada_entrada = entradas  #@ theta pesos0,pesos1 ; silent
    soma_sinapse0 = np.dot(camada_entrada, pesos0)
    camada_oculta = sigmoide(soma_sinapse0)
    soma_sinapse1 = np.dot(camada_oculta, pesos1)
    camada_saida = sigmoide(soma_sinapse1)

    erro_camada_saida = saidas - camada_saida  #@ loss 0.5*((saidas-camada_saida)**2).sum() ; swap slug=gradient-ascent old=saidas-camada_saida new=camada_saida-saidas
    media_absoluta = np.mean(np.abs(erro_camada_saida))
    if j % 1000 == 0:
        print("Erro: " + str(media_absoluta))

    derivada_saida = derivada_sigmoide(camada_saida)  #@ swap slug=double-activation-derivative old=derivada_sigmoide(camada_saida) new=derivada_sigmoide(sigmoide(camada_saida)) ; swap slug=activation-formula-on-preactivation old=camada_saida new=soma_sinapse1
    delta_saida = erro_camada_saida * derivada_saida  #@ act f=sigmoid d=derivada_saida a=camada_saida z=soma_sinapse1 out=1

    delta_saida_x_peso = delta_saida.dot(pesos1.T)  #@ err e=delta_saida raw=erro_camada_saida ; mark uses1
    delta_oculta = delta_saida_x_peso * derivada_sigmoide(camada_oculta)  #@ act f=sigmoid d=derivada_sigmoide(camada_oculta) a=camada_oculta z=soma_sinapse0

    pesos_novos1 = camada_oculta.T.dot(delta_saida)  #@ wg x=camada_oculta bad=soma_sinapse0
    pesos1 = (pesos1 * momento) + (pesos_novos1 * taxa_aprendizagem)  #@ upd
    pesos_novos0 = camada_entrada.T.dot(delta_oculta)
    pesos0 = (pesos0 * momento) + (pesos_novos0 * taxa_aprendizagem)  #@ upd ; implied taxa_aprendizagem
print(camada_saida)
