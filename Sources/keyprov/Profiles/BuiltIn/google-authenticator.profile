# Google Authenticator for Android and iOS.
title: Google Authenticator
role: app

source keycloak: github.com/keycloak/keycloak #27349 and #27351 (2024-02)
source old: github.com/google/google-authenticator #197 and #521, github.com/google/google-authenticator-android #29
source period: github.com/privacyidea/privacyidea #3634, github.com/springframeworkguru/ssc-brewery #6
source entry: google-authenticator-android source, screen for typing a key
source fields: helpguide.sony.net, "Configuring Multifactor Authentication (Manual entry)"
source padding: github.com/Spomky-Labs/otphp #20

field account: Account name [fields]
field secret: Your key [fields]
needed: account, secret [entry]

secret-case: upper
secret-groups: 4
secret-padding: none
qr: uri [keycloak]
type: totp, hotp; others refused [keycloak]
algorithm: SHA1, SHA256, SHA512; others refused [keycloak]
digits: 6, 8; others unknown [keycloak]
period: 30; others ignored [period, keycloak]
secret-bytes: 10-1024; others unknown [entry]

step: Tap "+" and scan the QR code. [fields]
step: Or tap "+", then the entry for typing a key, enter account and key, and choose "Time based" or "Counter based". [fields]
step confirm: Enter the code where the server asks for it. [fields]

note: Typing a key gives SHA1 and six digits; for others scan the QR code. [entry]
note: Apps from before 2024 ignored algorithm, digits and period: update, or keep to SHA1 and six digits. [old, keycloak]
note: A padded secret is refused on iOS. [padding]
note: Its export (otpauth-migration) has no place for a period. [keycloak]

unknown: what becomes of seven digits
unknown: whether a code with fewer than ten bytes is scanned; the screen for typing refuses it
unknown: wording of the entry screens of the newest versions
