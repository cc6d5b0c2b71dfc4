# LastPass Authenticator, the app; the vault of LastPass is another reader.
title: LastPass Authenticator
role: app

source shop: techspot.com, maker's description of the app
source works: github.com/RobThree/TwoFactorAuth #54
source fails: github.com/samdjstevens/java-totp #30
source export: version 3 of its export file, as 2FAS and Bitwarden read it

field account: Account name
field secret: Secret key

secret-case: upper
secret-groups: 4
secret-padding: none
qr: uri [shop]
type: totp; others unknown [shop]
algorithm: SHA1; others unknown [works, fails]
digits: 6; others unknown [shop, export]
period: 30; others unknown [shop, export]
secret-bytes: unknown

step: Add an account and scan the QR code, or type the key. [shop]
step confirm: Enter the code where the server asks for it. [shop]

note: Reports on SHA256 contradict each other, and the export has fields for digits, time step and algorithm: keep to SHA1, six digits and 30 seconds. [works, fails, export]

unknown: labels of its entry screen
unknown: what becomes of other algorithms, digits and periods
unknown: which lengths of a secret it takes
