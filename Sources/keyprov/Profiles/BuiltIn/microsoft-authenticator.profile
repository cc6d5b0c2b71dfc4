# Microsoft Authenticator, for accounts of others than Microsoft.
title: Microsoft Authenticator
role: app

source sha: github.com/kspearrin/Otp.NET #54, github.com/BrandonPotter/GoogleAuthenticator #228, community.ibm.com
source limits: github.com/keycloak/keycloak #27351: "still has the old limitations" (2024-02)
source old: github.com/RobThree/TwoFactorAuth.Net #1 and #18
source period: github.com/privacyidea/privacyidea #3634 (2023-05)
source entry: techdirectarchive.com, "How to setup Microsoft Authenticator" (2019-08)

field account: Account name [entry]
field secret: Secret key [entry]
needed: account, secret [entry]

secret-case: upper
secret-groups: 4
secret-padding: none
qr: uri [entry]
type: totp; others refused [limits]
algorithm: SHA1; others ignored [sha]
digits: 6; others ignored [old, limits]
period: 30; others ignored [period, old]
secret-bytes: unknown

step: Tap "Add account", "Other account" and scan the QR code. [entry]
step: Or "Enter code manually" and type account name and secret key. [entry]
step confirm: Enter the code where the server asks for it. [entry]

unknown: which lengths of a secret it takes
unknown: wording of the entry screens of the newest versions
