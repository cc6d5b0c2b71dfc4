# What most servers ask for, under the words that most of them use. Nothing is refused.
title: any server or app
role: form

field issuer: Issuer
field account: Account name
field secret: OTP Secret
field type: Type
field algorithm: Algorithm
field digits: Digits
field period: Period
field counter: Counter

secret-case: upper
secret-groups: 4
secret-padding: none
qr: uri
type: unknown
algorithm: unknown
digits: unknown
period: unknown
secret-bytes: unknown
