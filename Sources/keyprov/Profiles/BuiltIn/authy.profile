# Authy for phones. The desktop program ended in March 2024.
title: Authy
role: app

source help: support.twilio.com, "Add a New Two Factor Authentication (2FA) Account Token in the Authy App"
source pexip: help.pexip.com, "Setting up two-factor authentication for logging in to Partner Analytics"
source sha: github.com/google/google-authenticator-android #29, github.com/RobThree/TwoFactorAuth #54, github.com/BrandonPotter/GoogleAuthenticator #228
source own: github.com/beemdevelopment/Aegis #147, github.com/keepassxreboot/keepassxc #1762, github.com/alexzorin/authy #8

field secret: Key [help]
field account: Account name [help]

secret-case: upper
secret-groups: 4
secret-padding: none
qr: uri [help]
type: totp; others unknown [help]
algorithm: SHA1; others ignored [sha]
digits: 6; 7 refused; others unknown [help, own]
period: 30; 10 refused; others unknown [pexip, own]
secret-bytes: unknown

step: Open the menu and tap "Add Account". [help]
step: Tap "Scan QR Code", or "Enter key manually" and type the key. [help]
step: Choose an icon and an account name and tap "Done". [help]
step confirm: Enter the code where the server asks for it. [help]

note: Backups of Authy put a copy of the secret into its cloud, sealed with a password. [pexip]
note: Tokens of Authy's own (7 digits, 10 seconds) are another system: neither can be moved to the other. [own]
note: Authy for the desktop is gone; where a guide asks for it, another app takes the same secret as text. [pexip]

unknown: what becomes of 8 digits and of other periods
unknown: which lengths of a secret it takes
