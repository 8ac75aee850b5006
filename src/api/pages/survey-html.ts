import type { SurveyQuestion } from '../../db/crm/survey-answers';

import { escapeHtml, formHtml, type FormWords, noticeHtml, type PageLocale } from './html';

interface Words extends FormWords {
  readonly least: string;
  readonly most: string;
  readonly optional: string;
}

const WORDS: Readonly<Record<PageLocale, Words>> = {
  en: {
    title: 'How was your order?',
    intro: 'One question, less than a minute. Thank you for your time.',
    least: '0: not at all likely',
    most: '10: very likely',
    send: 'Send answer',
    optional: 'optional',
    refused: 'Please choose a number from 0 to 10. The comment may have at most 4,000 characters.',
  },
  zh: {
    title: '您对这次订单满意吗？',
    intro: '只有一个问题，不到一分钟。感谢您的时间。',
    least: '0：完全不可能',
    most: '10：非常可能',
    send: '提交',
    optional: '选填',
    refused: '请选择 0 到 10 之间的一个数字。留言最多 4000 字。',
  },
};

export type Notice = 'thanks' | 'answered' | 'expired' | 'unknown';

const NOTICES: Readonly<Record<Notice, Readonly<Record<PageLocale, readonly [string, string]>>>> = {
  thanks: {
    en: ['Thank you', 'Your answer has been received.'],
    zh: ['谢谢', '我们已收到您的回答。'],
  },
  answered: {
    en: ['Already answered', 'This survey was answered before. Each link can be used once.'],
    zh: ['已回答', '此问卷已回答过，每个链接只能使用一次。'],
  },
  expired: {
    en: ['This survey has ended', 'The time for an answer is over. Thank you all the same.'],
    zh: ['问卷已结束', '回答期限已过，仍然感谢您。'],
  },
  unknown: {
    en: ['Page not found', 'This link is not valid. Please use the link of the mail as it is.'],
    zh: ['页面不存在', '此链接无效，请直接使用邮件中的链接。'],
  },
};

/** The survey's form. */
export function surveyForm(
  locale: PageLocale,
  questions: readonly SurveyQuestion[],
  isRefused: boolean,
): string {
  const fields = questions.map((question) => field(locale, question)).join('\n');
  return formHtml(locale, WORDS[locale], fields, isRefused);
}

/** A page that only says something. */
export function noticePage(locale: PageLocale, notice: Notice): string {
  return noticeHtml(locale, NOTICES[notice][locale]);
}

function field(locale: PageLocale, question: SurveyQuestion): string {
  const words = WORDS[locale];
  const label = escapeHtml(question.label[locale]);
  if (question.type === 'score') {
    return `<fieldset>
<legend>${label}</legend>
<p id="scale">${words.least} · ${words.most}</p>
<div class="scores">${Array.from({ length: 11 }, (_, score) => scoreInput(score)).join('')}</div>
</fieldset>`;
  }
  const id = escapeHtml(question.id);
  const hint = question.required ? '' : ` <span>(${words.optional})</span>`;
  return `<p><label for="${id}">${label}${hint}</label>
<textarea id="${id}" name="${id}" rows="4" maxlength="4000"></textarea></p>`;
}

function scoreInput(score: number): string {
  return `<label><input type="radio" name="score" value="${score}" required aria-describedby="scale"> ${score}</label>`;
}
