# "Web / App account" of the Hideez Enterprise Server 3.6, as its manual has it.
title: HES 3.6 account
role: form

source manual: enterprise.hideez.com/v/v3.6, "Creating personal employee accounts"
source rules: HES source, rule of the OTP secret (unchanged since 2.2.2, 2019)
source faq: key.hideez.com, "How to use Hideez Key for two-factor authentication"
source key: HES 3.8.4 source (2021-07): RemoteTaskService, the call that writes to the key

field name: Name [manual]
field urls: URLs [manual]
field apps: Apps [manual]
field login: Login [manual]
field password: Password [manual]
field confirm-password: Confirm password [manual]
field secret: OTP [manual]
needed: name, login, password, confirm-password [manual]
needed one: urls, apps [manual]
separator: ;

secret-case: upper
secret-groups: none
secret-padding: none
qr: none [manual]
type: totp; others ignored [faq, key]
algorithm: SHA1; others ignored [key]
digits: 6; others ignored [faq, key]
period: 30; others ignored [faq, key]
secret-bytes: any [rules]

step: Open the employee's details and click "Create a personal account". [manual]
step: Fill in the fields on the tab "Web / App account" and create the account. [manual]
step: Give the secret to the site that checks the codes as well: the server keeps it for the key and checks none. [key]
step: Connect the Hideez Key, so that the server sends the account to it. [key]

note: Several addresses or applications are separated by semicolons. [manual]

unknown: Ukrainian labels of this version
unknown: which lengths of a secret the key takes
