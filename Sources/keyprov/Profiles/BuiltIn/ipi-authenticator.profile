# IPI Authenticator (Hideez Authenticator), the app for phones.
title: IPI Authenticator
role: app

source guide: authenticator.hideez.com, "OTP generation" (Android and iOS)
source use: enterprise-ipi-en.hideez.com, "Using IPI Authenticator as an OTP generator"

field account: Account name [guide]
field secret: Secret key [guide]
field digits: OTP length [guide]
field algorithm: Hash algorithm [guide]
field period: Valid period [guide]
needed: account, secret [guide]
advanced: digits, algorithm, period [guide]

secret-case: upper
secret-groups: 4
secret-padding: none
qr: uri [guide]
type: totp; others unknown [guide]
algorithm: SHA1; others unknown [guide]
digits: 6; others unknown [guide]
period: 30; others unknown [guide]
secret-bytes: unknown

step: Enroll the app on the IPI Enterprise Server first. [use]
step: Open "Accounts", tap "+" and scan the QR code. [guide]
step: Or tap "Add manually" and enter account name and secret; "Advanced options" opens length, hash and period. [guide]
step confirm: Enter the app's code where the server asks for it. [guide]

unknown: which values "Advanced options" offers
unknown: whether the app honors algorithm, digits and period of a URI
