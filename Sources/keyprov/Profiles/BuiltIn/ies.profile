# "Create personal account" of the present server, as the current manual has it.
title: IPI Enterprise Server account
role: form

source manual: enterprise.hideez.com, "Creating personal employee accounts" (current), which enterprise-ipi-en.hideez.com follows
source texts: HES 3.8.4 source (2021-07): Resource.resx and Resource.uk.resx, the last that are public
source rules: HES 3.8.4 source (2021-07): AccountAddModel, ValidationHelper
source key: HES 3.8.4 source (2021-07): RemoteTaskService, the call that writes to the key
source faq: key.hideez.com, "How to use Hideez Key for two-factor authentication"

field name: Name [manual]
field name uk: Ім'я [texts]
field login-type: Login Type [manual]
field login-type uk: Тип входу [texts]
field login: Login [manual]
field login uk: Логін [texts]
field password: Password [manual]
field password uk: Пароль [texts]
field confirm-password: Confirm Password [texts]
field confirm-password uk: Підтвердьте пароль [texts]
field urls: URLs (separate by semicolon) [texts]
field urls uk: URL-адреси (розділити крапкою з комою) [texts]
field apps: Applications (separate by semicolon) [texts]
field apps uk: Програми (розділити крапкою з комою) [texts]
field secret: OTP Secret [texts]
field secret uk: OTP секрет [texts]
preset login-type: Web-Sites and Applications [manual]
needed: name, login, password, confirm-password [manual, rules]
separator: ;

secret-case: upper
secret-groups: none
secret-padding: none
qr: none [rules]
type: totp; others ignored [faq, key]
algorithm: SHA1; others ignored [key]
digits: 6; others ignored [faq, key]
period: 30; others ignored [faq, key]
secret-bytes: any [rules]

step: Open the employee's details and click "Create a personal account". [manual]
step: Fill in the fields and create the account. [manual]
step: Give the secret to the site that checks the codes as well: the server keeps it for the key and checks none. [key]
step: Connect the IPI Key, so that the server sends the account to it. [key]

note: In front of a site or application, # types the login without the domain, @ as user@domain. [manual]
note: An account without a site or application is used for logging on to computers: give --url or --app. [manual]

unknown: labels and order of the fields after "Password"; those of 3.8 are printed
unknown: whether the rules of 3.8 for the secret still hold
unknown: which lengths of a secret the key takes
unknown: the Ukrainian words of the login types
