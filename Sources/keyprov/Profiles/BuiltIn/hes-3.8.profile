# "Create personal account" of the Hideez Enterprise Server 3.8, with an OTP secret.
title: HES 3.8 account
role: form

source page: HES 3.8.4 source (2021-07): CreatePersonalAccount.razor
source texts: HES 3.8.4 source (2021-07): Resource.resx and Resource.uk.resx
source shared: HES 3.8.4 source (2021-07): CreateSharedAccount.razor
source rules: HES 3.8.4 source (2021-07): AccountAddModel, ValidationHelper
source key: HES 3.8.4 source (2021-07): RemoteTaskService, the call that writes to the key
source manual: enterprise.hideez.com, "Creating personal employee accounts"
source faq: key.hideez.com, "How to use Hideez Key for two-factor authentication"

field name: Name [page, texts]
field name uk: Ім'я [texts]
field urls: URLs (separate by semicolon) [page, texts]
field urls uk: URL-адреси (розділити крапкою з комою) [texts]
field apps: Applications (separate by semicolon) [page, texts]
field apps uk: Програми (розділити крапкою з комою) [texts]
field login-type: Login Type [page, texts]
field login-type uk: Тип входу [texts]
field login: Login [page, texts]
field login uk: Логін [texts]
field password: Password [page, texts]
field password uk: Пароль [texts]
field confirm-password: Confirm Password [page, texts]
field confirm-password uk: Підтвердьте пароль [texts]
field secret: OTP Secret [page, texts]
field secret uk: OTP секрет [texts]
preset login-type: Web-Sites and Applications [page]
needed: name, login, password, confirm-password [rules]
separator: ;

secret-case: upper
secret-groups: none
secret-padding: none
qr: none [page]
type: totp; others ignored [faq, key]
algorithm: SHA1; others ignored [key]
digits: 6; others ignored [faq, key]
period: 30; others ignored [faq, key]
secret-bytes: any [rules]

step: Employees, select the employee, "Details", "Create Personal Account". [page]
step: Pick no template; fill in the fields from top to bottom and click "Create". Tab leaves out "Login Type". [page]
step: Give the secret to the site that checks the codes as well: the server keeps it for the key and checks none. [key]
step: Connect the Hideez Key, so that the server sends the account to it. [key]

note: For a shared account: "Shared Accounts", "Create Shared Account"; "Account Name" ("Назва аккаунту") stands for "Name" there, and "Тип логіну" for "Тип входу". [shared, texts]
note: Of an address the domain is kept. Do not end a list with a semicolon. [rules]
note: The first account of an employee becomes the one that unlocks computers. [rules]
note: An account without a site or application is used for logging on to computers: give --url or --app. [manual]
note: The field takes letters, digits and spaces, also 0, 1, 8 and 9, which no key takes; padding and hyphens are refused. [rules]

unknown: which lengths of a secret the key takes
unknown: the Ukrainian words of the login types
unknown: how much of a field the key keeps
