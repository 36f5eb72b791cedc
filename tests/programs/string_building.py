text = ""
for letter in "building":
    text += letter
parts = []
for number in range(5):
    parts.append(str(number))
joined = ",".join(parts)
title = joined.replace(",", "-").center(20, "*")
encoded = title.encode()
decoded = encoded.decode()
