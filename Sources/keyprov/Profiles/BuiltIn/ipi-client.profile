# IPI Client (Hideez Client), in which a person makes an account on an IPI Key of their own.
title: IPI Client
role: app

source manual: enterprise.hideez.com/v/v3.6, "Account creation" of the client, which the IPI manual follows
source form: HideezClient 3.8 source (2021-04): EditAccountControl, EditAccountViewModel
source scan: HideezClient 3.8 source (2021-04): QrScannerHelper, WindowsManager
source faq: key.hideez.com, "How to use Hideez Key for two-factor authentication"

field name: Account name [manual]
field login: Login [manual]
field password: Password [manual]
field sites: Web-site/app [manual]
field secret: OTP Secret [manual]
needed: name, login, password [form]
separator: ;

secret-case: upper
secret-groups: 4
secret-padding: none
qr: uri, secret [scan]
type: totp; others ignored [scan]
algorithm: SHA1; others ignored [scan]
digits: 6; others ignored [scan]
period: 30; others ignored [scan, faq]
secret-bytes: any [form]

step: Click "+" in IPI Client and fill in the fields. [manual]
step: For the secret, either type it ("Enter secret key"; spaces are left out), or click the QR icon while this code is on the same screen, alone and dark on light. [form, scan]
step: Save; the client writes the account to the IPI Key. [manual]
step confirm: Have the key type a code (Ctrl+Alt+O, or four presses) where the site asks for it. [form]

note: Of a URI only the secret is read. [scan]
note: 0, 1, 8, 9 and hyphens are refused: "Not valid OTP secret". [form]
note: Accounts that the server wrote cannot be changed here. [form]

unknown: which lengths of a secret the key takes
unknown: columns of the CSV import of newer clients
