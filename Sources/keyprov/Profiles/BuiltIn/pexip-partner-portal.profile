# Log-in to the Pexip Partner Portal. Partner Analytics takes the same codes.
title: Pexip Partner Portal
role: server

source help: help.pexip.com, "Setting up two-factor authentication for logging in to the Partner Portal and Partner Analytics"

type: totp; others refused [help]
algorithm: unknown
digits: 6; others refused [help]
period: 30; others refused [help]
secret-bytes: unknown
qr: uri [help]

step: Click "Complete the Activation" in the invitation mail. Users without two-factor authentication just log in. [help]
step: Enter user name and password and click "Log In"; the page shows a QR code and asks for six digits. [help]
step import: Take the QR code from a picture of the page: keyprov import PICTURE --profile pexip-partner-portal --confirm. [help]
step spare: Write a spare key from the same QR code too, before the next step: a reset costs a support request. [help]
step confirm: Enter the key's code and click "Finish". [help]
step log-in: Back at the log-in, enter the code of the next 30 seconds. [help]

note: It is set up once: the same credential is for the Partner Portal and for Partner Analytics. [help]
note: A lost key costs a P4 support request by the administrator, who has the QR code reset. [help]

unknown: issuer and account name in the QR code
unknown: hash and length of the secret
unknown: whether the page gives the secret as text
