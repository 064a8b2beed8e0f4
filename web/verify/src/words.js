// What the page says while it works, in English and Russian. {0}, {1} … are values.

export const words = {
  // verdicts: the name, and what to do
  genuine: ['Genuine', 'Подлинно'],
  'not genuine': ['Not genuine', 'Не подлинно'],
  'could not tell': ['Could not tell', 'Установить не удалось'],
  incomplete: ['Incomplete', 'Неполно'],
  stale: ['Out of date', 'Устарело'],
  updating: ['Being updated', 'Обновляется'],
  forked: ['Two contradicting versions', 'Две противоречивые версии'],
  'do not genuine': [
    'Do not trust it. Get the article from another address.',
    'Не доверяйте этому. Возьмите статью по другому адресу.',
  ],
  'do could not tell': [
    'This says neither that it is genuine nor that it is forged.',
    'Это не значит ни «подлинно», ни «подделка».',
  ],
  'do incomplete': [
    'Nothing that is here is false, but something is lacking.',
    'Ложного здесь нет, но чего-то недостаёт.',
  ],
  'do stale': [
    'What is here is genuine, but newer articles and corrections are kept back or did not arrive.',
    'Всё здесь подлинно, но новые статьи и исправления скрыты или не дошли.',
  ],
  'do updating': [
    'The copy was made while new articles were arriving. Copy it again.',
    'Копию сделали, пока приходили новые статьи. Скопируйте ещё раз.',
  ],
  'do forked': [
    'Somebody signed two histories that exclude each other. Keep this copy, and tell the newsroom.',
    'Кто-то подписал две несовместимые истории. Сохраните копию и сообщите редакции.',
  ],

  // one file
  file: [
    'Published no later than {0} (at {1}). It may have been corrected or withdrawn since: only a newer copy of the whole site shows that.',
    'Опубликовано не позднее {0} (путь {1}). С тех пор статью могли исправить или отозвать: это видно только по более новой копии всего сайта.',
  ],
  'file once': [
    'Published (at {1}); nothing shows when. It may have been corrected or withdrawn since.',
    'Опубликовано (путь {1}), неизвестно когда. С тех пор статью могли исправить или отозвать.',
  ],
  'other bytes': [
    'These are not the words that were published at {0}: the file was changed, or the proof is that of another file.',
    'Это не то, что было опубликовано по пути {0}: файл изменён, или доказательство от другого файла.',
  ],
  'no proof': [
    'There is no proof with it. Choose the file together with the one of the same name that ends in .tlog-proof, or check the whole folder.',
    'При файле нет доказательства. Выберите его вместе с файлом с тем же именем и окончанием .tlog-proof или проверьте всю папку.',
  ],
  'lone proof': [
    'This is only a proof. Choose it together with the article that it belongs to.',
    'Это только доказательство. Выберите его вместе со статьёй, к которой оно относится.',
  ],
  'proof bad': ['The proof is damaged.', 'Доказательство повреждено.'],
  'proof other': [
    'the proof is that of other words, or of another file',
    'доказательство от другого текста или файла',
  ],
  large: ['The file is too large for a saved page.', 'Файл слишком велик для сохранённой страницы.'],

  // signatures
  'head bad': [
    'There is no signature that could be read.',
    'Подписи, которую можно прочесть, нет.',
  ],
  signature: ['The signature of {0} is false.', 'Подпись {0} ложная.'],
  unknown: [
    'It is not signed by any key of this newsroom.',
    'Ни один ключ этой редакции его не подписывал.',
  ],
  other: ['It is signed, but by another publisher.', 'Подписано, но другим издателем.'],
  revoked: [
    'It is signed with a key that was lost or stolen.',
    'Подписано ключом, который был утерян или украден.',
  ],
  outgrown: [
    'It is signed with an old key, after that was replaced.',
    'Подписано старым ключом, когда его уже заменили.',
  ],
  doubtful: [
    'It is signed with a key that was stolen later. Ask for a newer proof, or check a whole copy.',
    'Подписано ключом, который позже украли. Нужно новое доказательство или проверка всей копии.',
  ],
  quorum: [
    'Not enough witnesses have confirmed it; missing: {0}.',
    'Недостаточно свидетелей подтвердили это; нет: {0}.',
  ],

  // keyrings
  'print bad': [
    'A fingerprint has 64 signs, of 0–9 and a–f. Yours has {0}.',
    'В отпечатке 64 знака: 0–9 и a–f. У вас их {0}.',
  ],
  'print none': [
    'Enter the fingerprint of the newsroom’s keys first: this page carries none.',
    'Сначала введите отпечаток ключей редакции: на этой странице его нет.',
  ],
  'ring bad': [
    'The keyring that you trust can’t be used: it is damaged, or too few have signed it.',
    'Связка ключей, которой вы доверяете, не годится: повреждена или мало подписей.',
  ],
  'ring need': [
    'No keyring here has the fingerprint that you entered: it was copied wrongly, or this page is another publisher’s or forged. Get the page from another place, or choose the keyring file too.',
    'Ни у одной связки ключей здесь нет введённого отпечатка: в нём ошибка, или страница чужая либо поддельная. Возьмите страницу в другом месте или добавьте файл связки.',
  ],
  'ring none': [
    'no keyring here has the fingerprint that you trust: another publisher’s copy, a forgery, or a mistake in the fingerprint',
    'ни у одной связки ключей здесь нет нужного отпечатка: чужая копия, подделка или ошибка в отпечатке',
  ],
  'ring other': [
    'this is not the keyring that you trust, or does not lead to it',
    'это не та связка ключей, которой вы доверяете, и не ведёт к ней',
  ],
  'ring broken': [
    'a keyring that too few of the right people have signed',
    'связка ключей, которую подписали не все, кто должен',
  ],
  'ring soft': ['this is no keyring, and counts as none', 'это не связка ключей, не считается'],
  expired: [
    'The newest keyring here expired on {0}. Look for a newer copy, and check the date of this device.',
    'Срок новейшей связки ключей истёк {0}. Найдите копию новее и проверьте дату на устройстве.',
  ],

  // a folder
  tree: [
    '{0} files are as they were published. Newest sign of life: {1}.',
    'Файлов, какими их опубликовали: {0}. Последний признак жизни: {1}.',
  ],
  compared: ['{0} files were compared.', 'Сверено файлов: {0}.'],
  more: ['and {0} more', 'и ещё {0}'],
  'no mirror': [
    'is not there: this is no copy of a site, or not its top folder',
    'не найден: это не копия сайта или не её верхняя папка',
  ],
  future: [
    'is of {0}, in the future: check the clock of this device',
    'от {0}, из будущего: проверьте часы на устройстве',
  ],
  'too many': ['too long a list for a page', 'список слишком длинный для страницы'],
  missing: ['is missing', 'отсутствует'],
  'missing log': [
    'is missing, so that no other file can be checked',
    'отсутствует, поэтому остальное не проверить',
  ],
  'log bad': ['is damaged', 'повреждено'],
  'log other': [
    'the list of what was published is not the one that was signed',
    'список опубликованного не тот, что был подписан',
  ],
  'no edition': [
    'the signature is not for a whole edition',
    'подписан не полный выпуск',
  ],
  altered: ['is not what was published', 'не то, что было опубликовано'],
  extra: ['was never published here', 'никогда здесь не публиковалось'],
  withdrawn: [
    'was withdrawn altogether, and still stands here',
    'было полностью отозвано, но всё ещё здесь',
  ],
  unreplaced: [
    'has a placeholder where this address should be',
    'вместо адреса в нём заготовка',
  ],
  'no fit': ['does not fit the signature', 'не соответствует подписи'],
  ahead: [
    'belongs to a signature that has not come yet: copy again',
    'относится к подписи, которой ещё нет: скопируйте ещё раз',
  ],
  'not yet': [
    'may belong to an edition that has not come yet: copy again',
    'может быть из выпуска, которого ещё нет: скопируйте ещё раз',
  ],
  next: ['belongs to the next edition', 'относится к следующему выпуску'],
  'broken off': [
    'An update that began more than an hour ago has not come to its end.',
    'Обновление, начатое больше часа назад, не закончено.',
  ],
  base: ['Feeds are as made for {0}', 'Ленты сделаны для адреса {0}'],
  'no witness': [
    'Nothing shows whether this is current: the newsroom asks no witness.',
    'Неизвестно, новое ли это: у редакции нет свидетелей.',
  ],
  'stale since': ['Nothing here is newer than {0}.', 'Здесь нет ничего новее {0}.'],
  'too large': ['is larger than such a file may be', 'больше, чем может быть такой файл'],

  // a bundle
  'zip bad': [
    'The .zip file is damaged or not whole. Get it again.',
    'Файл .zip повреждён или неполон. Получите его ещё раз.',
  ],
  'zip large': [
    'The .zip file holds too many files for a page. Unpack it and choose the folder.',
    'В файле .zip слишком много файлов для страницы. Распакуйте его и выберите папку.',
  ],
  'zip over': [
    'The .zip file has parts that lie over each other, as no tool makes them: do not unpack it.',
    'Части файла .zip наложены друг на друга, программы так не делают: не распаковывайте его.',
  ],
  'zip much': [
    'unpacks to more than such a bundle may hold: do not unpack it',
    'при распаковке больше, чем может быть в таком архиве: не распаковывайте его',
  ],
  'no unzip': [
    'This browser can’t unpack .zip files. Unpack it yourself and choose the folder, or use a newer browser.',
    'Этот браузер не распаковывает файлы .zip. Распакуйте его сами и выберите папку или возьмите браузер новее.',
  ],
  locked: [
    'is locked with a password: ask for a bundle without one',
    'закрыт паролем: попросите архив без пароля',
  ],
  method: [
    'is packed in a way that is not known here: unpack it and choose the folder',
    'упакован неизвестным способом: распакуйте и выберите папку',
  ],
  twice: ['stands in the bundle twice', 'встречается в архиве дважды'],
  'leads out': ['has a path that leads out of the bundle', 'путь ведёт за пределы архива'],
  'odd name': ['has a name that no mirror can hold', 'такого имени на зеркале быть не может'],
  link: ['is a symbolic link, which no mirror holds', 'символическая ссылка, на зеркалах их нет'],
  'no file': ['is no file', 'это не файл'],
  'lone picture': [
    'No article here that is genuine shows it.',
    'Ни в одной подлинной статье здесь этого нет.',
  ],
  'many pages': [
    'More than {0} pages without the list of what was published: check fewer at once.',
    'Больше {0} страниц без списка опубликованного: проверьте по частям.',
  ],
  'no papers': [
    'Neither a copy of a site nor an article with its proof is in it.',
    'В нём нет ни копии сайта, ни статьи с доказательством.',
  ],
  unreadable: ['can’t be read', 'не читается'],
  error: ['Something unexpected: {0}', 'Неожиданная ошибка: {0}'],

  // what it rests on
  'by page': [
    'This rests on the fingerprint that this page itself carries. Whoever gave you the page may have forged both: compare the fingerprint below.',
    'Это опирается на отпечаток с этой же страницы. Тот, кто дал вам её, мог подделать и то и другое: сверьте отпечаток ниже.',
  ],
  'by you': ['Checked by the fingerprint that you entered.', 'Проверено по введённому отпечатку.'],
  'by ring': ['Checked by the keyring that you chose.', 'Проверено по выбранной связке ключей.'],

  // while it works
  working: ['Checking …', 'Проверка…'],
  progress: ['Checking: {0} of {1} files', 'Проверка: {0} из {1} файлов'],
  nothing: [
    'There was no file to check. Try the buttons above.',
    'Не нашлось, что проверить. Попробуйте кнопки выше.',
  ],

  // comparing fingerprints
  'print same': [
    'The same as the one on this page.',
    'Совпадает с отпечатком на этой странице.',
  ],
  'print part': ['The same so far: {0} of 64.', 'Пока совпадает: {0} из 64.'],
  'print differs': [
    'Differs from the one on this page in group {0}. If yours is right, this page is not genuine.',
    'Расходится с отпечатком на этой странице в группе {0}. Если ваш верен, страница не подлинная.',
  ],
};
