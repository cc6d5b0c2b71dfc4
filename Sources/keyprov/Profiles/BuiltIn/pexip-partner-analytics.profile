# Log-in to Pexip Partner Analytics, as its guide for Authy tells it. The Partner Portal takes the same codes.
title: Pexip Partner Analytics
role: server

source help: help.pexip.com, "Setting up two-factor authentication for logging in to the Partner Portal and Partner Analytics"
source authy: help.pexip.com, "Setting up two-factor authentication for logging in to Partner Analytics" (with Authy)

type: totp; others refused [help, authy]
algorithm: unknown
digits: 6; others refused [help, authy]
period: 30; others refused [help, authy]
secret-bytes: unknown
qr: uri [help, authy]

step: Click "Complete the Activation" in the invitation mail. [authy]
step: Enter user name and password and click "Login"; the page shows a QR code and asks for six digits. [authy]
step import: Take the QR code from a picture of the page: keyprov import PICTURE --profile pexip-partner-analytics --confirm. [authy]
step spare: Write a spare key from the same QR code too, before the next step: a reset costs a support request. [help]
step confirm: Enter the key's code; the page with terms and conditions comes up. [authy]
step: Tick the box and click "Finish". [authy]
step log-in: When logging in, enter a code of the key after the password. [authy]

note: It is set up once: the same credential is for the Partner Portal and for Partner Analytics. [help]
note: For an app that takes text only, import prints the secret and the URI: --also text. [authy]

unknown: issuer and account name in the QR code
unknown: hash and length of the secret
unknown: whether a second code is asked for right after "Finish"; the guide for the Partner Portal says so
