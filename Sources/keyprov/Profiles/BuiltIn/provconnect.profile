# Log-in to the ProVconnect console.
title: ProVconnect
role: server

source help: wanpulse.atlassian.net, space WPMM, "Two-factor authentication"

type: totp; others refused [help]
algorithm: unknown
digits: 6; others refused [help]
period: 30; others refused [help]
secret-bytes: unknown
qr: uri [help]

step: Enter user name and password; the configuration view comes up where nothing is set up yet. [help]
step import: Take the QR code from a picture of the view, or click "Copy secret key to clipboard" and paste the key: keyprov import FILE --profile provconnect. [help]
step confirm: Enter the key's code in the view and click "sign in". [help]
step log-in: When logging in, enter a code of the key after the password. [help]

note: A Super Administrator can make it optional: Settings, General settings, "Authentication security settings". [help]

unknown: issuer and account name in the QR code
unknown: hash and length of the secret
unknown: spelling of the key that the button copies
