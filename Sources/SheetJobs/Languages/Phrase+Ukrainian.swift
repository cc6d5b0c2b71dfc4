extension Phrase {
    var ukrainian: String {
        switch self {
        case .title: "Аркуш видачі"
        case .subtitle: "Ключ для одноразових паролів"
        case .sheetOf: "Аркуш {n} з {m}"
        case .pageOf: "Сторінка {page}"
        case .account: "Обліковий запис"
        case .issuer: "Служба"
        case .owner: "Видано"
        case .model: "Ключ"
        case .serial: "Серійний номер"
        case .slot: "Комірка"
        case .date: "Дата"
        case .contact: "Запитання до"
        case .check: "Контрольне значення"
        case .number: "№"
        case .received: "Отримано (підпис)"
        case .typeTOTP: "За часом (TOTP)"
        case .typeHOTP: "За лічильником (HOTP)"
        case .digitsCount: "цифр у коді: {digits}"
        case .everySeconds: "новий код кожні {period} с"
        case .fromCounter: "починається з лічильника {counter}"
        case .fold: "Зігніть тут, секретом усередину"
        case .secretTitle: "Секрет"
        case .scan: "Скануйте код там, де його просить обліковий запис"
        case .byHand: "або введіть секрет"
        case .alphabet:
            "Лише літери A–Z та цифри 2–7. Те, що схоже на 0, 1 чи 8, — це O, I чи B."
        case .elsewhere: "на аркуші із секретом"
        case .codesTitle: "Чи введено правильно?"
        case .codesNote: "Правильний секрет дає ці коди. Вони минулі й нічого не відкривають."
        case .atCounter: "лічильник {counter}"
        case .fieldsTitle: "Поля облікового запису"
        case .recoveryTitle: "Коди відновлення"
        case .recoveryNote: "Кожен діє один раз. Використаний викресліть."
        case .handlingTitle: "Як поводитися з цим аркушем"
        case .handlingWorth:
            "Хто прочитає секрет, зможе отримувати коди ключа. Аркуш вартий стільки ж, скільки ключ."
        case .handlingKeep:
            "Тримайте його складеним і заклеєним, доки не створено обліковий запис, потім знищте. Не копіюйте й не фотографуйте."
        case .handlingLost:
            "Якщо він загублений або надійшов відкритим, одразу повідомте: ключ отримає новий секрет."
        case .letterTitle: "Ваш ключ для одноразових паролів"
        case .letterBody:
            "У цьому листі — дані вашого ключа. Нижче другого згину наведено секрет, з якого ключ утворює коди. Він потрібен один раз, коли створюється обліковий запис."
        case .inventoryTitle: "Видані ключі"
        }
    }
}
