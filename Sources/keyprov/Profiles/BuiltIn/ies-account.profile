# The account of an administrator of the IPI Enterprise Server, so that an IPI Key types the codes of ies-2fa.
title: IPI Enterprise Server account of an administrator
role: form

source guide: enterprise-ipi-en.hideez.com, "How to enable two-factor authentication at the IPI Enterprise Server?"
source manual: enterprise.hideez.com, "Creating personal employee accounts"
source code: HES 3.8.4 source (2021-07): CreatePersonalAccount page, ValidationHelper, RemoteTaskService
source texts: HES 3.8.4 source (2021-07): Resource.resx and Resource.uk.resx
source faq: key.hideez.com, "How to use Hideez Key for two-factor authentication"

secret-of: ies-2fa [guide]

field name: Name [manual]
field name uk: Ім'я [texts]
field urls: URLs (separate by semicolon) [texts]
field urls uk: URL-адреси (розділити крапкою з комою) [texts]
field apps: Applications (separate by semicolon) [texts]
field apps uk: Програми (розділити крапкою з комою) [texts]
field login-type: Login Type [manual]
field login-type uk: Тип входу [texts]
field login: Login [manual]
field login uk: Логін [texts]
field password: Password [manual]
field password uk: Пароль [texts]
field confirm-password: Confirm Password [texts]
field confirm-password uk: Підтвердьте пароль [texts]
field secret: OTP Secret [texts]
field secret uk: OTP секрет [texts]
preset login-type: Web-Sites and Applications [manual]
needed: name, login, password, confirm-password [manual, code]
separator: ;

secret-case: upper
secret-groups: none
secret-padding: none
qr: none [code]
type: totp; others ignored [faq, code]
algorithm: SHA1; others ignored [code]
digits: 6; others ignored [faq, code]
period: 30; others ignored [faq, code]
secret-bytes: any [code]

step: Set up the log-in first: keyprov import FILE --profile ies-2fa. The account takes the same secret: the same command with --profile ies-account --replace --also text. [guide]
step: Open the employee's details and create a personal account with these fields. [manual]
step: Connect the IPI Key, so that the server sends the account to it. [code]
step log-in: At the log-in of the server, have the IPI Key type a code (Ctrl+Alt+O in IPI Client). [guide]

note: For an account at another site the secret is that of the other site, or a new one: profile ies. [manual]
note: The server checks no code of this account: it only hands the secret to the IPI Key. [code]
note: Give the address of the server with --url: an account without a site or application is used for logging on to computers. [manual]

unknown: the order of the fields in later servers
unknown: which lengths of a secret the IPI Key takes
unknown: the Ukrainian words of the login types
