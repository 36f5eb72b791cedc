größe = 3
名前 = "name"
класс = [größe, 名前]
класс.append("ещё")


def función(año):
    ñ = año * 2
    return ñ


résultat = función(größe)
